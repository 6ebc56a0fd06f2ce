import type { PublishedLevel, PublishedTrack, SourcePacket, Subscriber } from '../../call/published-track.ts';
import type { Random } from '../../ports.ts';
import type { ReportBlock, SenderInfo } from '../../rtcp/report.ts';
import { SendStatistics } from '../../rtcp/send-statistics.ts';
import { RTP_HEADER_SIZE, type RtpHeaderFields, writeRtpHeader } from '../../rtp/header.ts';
import type { HeaderExtensionWriter } from '../../rtp/header-extensions.ts';
import { packetIndex } from '../../rtp/sequence.ts';
import { SequenceRewriter } from '../../rtp/sequence-rewriter.ts';
import { isFormatOf } from '../../sdp/codec-table.ts';
import type { Codec } from '../../sdp/description.ts';
import type { Placement } from './layer-switch.ts';
import { OutgoingVideo, type OutgoingVideoOptions, type VideoExtensionIds } from './outgoing-video.ts';

export interface OutgoingTrackOptions {
  readonly source: PublishedTrack;
  /** packet-io's number of the receiver. */
  readonly slot: number;
  readonly ssrc: number;
  readonly random: Random;
  readonly observer: OutgoingTrackObserver;
  /** Missing for audio. */
  readonly video?: Omit<OutgoingVideoOptions, 'slot' | 'random' | 'rewriter' | 'onLeft'>;
}

/** Receives the events of a track, and the reports of its receiver. */
export interface OutgoingTrackObserver {
  /** It flows in another codec than before; undefined means that it does not flow. */
  onFlow(formerMimeType: string | undefined, mimeType: string | undefined): void;
  onReport(lossRatio: number, roundTripSeconds: number | undefined): void;
  onKeyframeRequest(): void;
}

/** The receiver's numbers, which any negotiation may change. */
export interface OutgoingNumbers extends VideoExtensionIds {
  /** Under which the receiver takes each codec. */
  readonly codecs: readonly Codec[];
  /** Header extension id of the audio level at the receiver, 0 for none. */
  readonly audioLevelId: number;
}

/** A published track on its way to one receiver: nothing but the rewriting of headers. Paused until `flow`. */
export class OutgoingTrack implements Subscriber {
  readonly source: PublishedTrack;
  readonly slot: number;
  readonly ssrc: number;
  readonly statistics: SendStatistics;
  /** Undefined for audio. */
  readonly video: OutgoingVideo | undefined;
  /** Key frames that the receiver asked for. */
  keyframeRequests = 0;
  readonly #observer: OutgoingTrackObserver;
  readonly #rewriter: SequenceRewriter;
  readonly #fields: RtpHeaderFields;
  #codecs: readonly Codec[] = [];
  /** Codec of the source, under the receiver's numbers. Undefined if the receiver does not have it. */
  #codec: Codec | undefined;
  /** Copies of what `#codec` has, at hand for each packet. `#redPayloadType` is -1 if the receiver takes no redundant payload. */
  #payloadType = 0;
  #redPayloadType = -1;
  #replacedLength = 0;
  #audioLevelId = 0;
  #flows = false;
  #flowsAs: string | undefined;

  constructor({ source, slot, ssrc, random, observer, video }: OutgoingTrackOptions) {
    this.source = source;
    this.slot = slot;
    this.ssrc = ssrc;
    this.#observer = observer;
    this.statistics = new SendStatistics(source.clockRate);
    const start = Buffer.from(random(6));
    this.#rewriter = new SequenceRewriter({
      sequenceNumber: start.readUInt16BE(0) >> 1,
      timestamp: start.readUInt32BE(2),
      clockRate: source.clockRate,
    });
    this.#fields = { marker: false, payloadType: 0, sequenceNumber: 0, timestamp: 0, ssrc };
    const onLeft = (payloadBytes: number, isRetransmission: boolean) =>
      isRetransmission ? this.statistics.resent(payloadBytes) : this.statistics.sent(payloadBytes);
    this.video = video && new OutgoingVideo({ ...video, slot, random, rewriter: this.#rewriter, onLeft });
  }

  get rolloverCounter(): number {
    return this.#rewriter.rolloverCounter;
  }

  get prefixLength(): number {
    return this.video === undefined ? 0 : this.video.prefixLength;
  }

  get replacedLength(): number {
    return this.video === undefined ? this.#replacedLength : this.video.replacedLength;
  }

  /** Packets of the source go to the receiver. */
  get isFlowing(): boolean {
    return this.#flows;
  }

  adopt(numbers: OutgoingNumbers): void {
    this.#codecs = numbers.codecs;
    this.#audioLevelId = numbers.audioLevelId;
    this.video?.adoptExtensions(numbers);
    this.#chooseCodec();
  }

  codecChanged(): void {
    this.#chooseCodec();
    this.video?.restart(this.video.level);
  }

  /** Takes packets of the source from now on. */
  flow(): void {
    if (this.#flows) return;
    this.#flows = true;
    this.resume();
    this.source.attach(this);
    this.#reportFlow();
  }

  /** Takes no packets until `flow`. */
  pause(): void {
    if (!this.#flows) return;
    this.#flows = false;
    this.source.detach(this);
    this.video?.halt();
    this.#reportFlow();
  }

  resume(level?: PublishedLevel): void {
    if (this.video === undefined) this.#rewriter.switchSource();
    else if (level === undefined) this.video.begin(this.source.levels);
    else this.video.restart(level);
  }

  /** A report block of the receiver came. */
  receiveReport(block: ReportBlock, unixMs: number): void {
    const roundTripMs = this.statistics.receiveReport(block, unixMs);
    this.#observer.onReport(this.statistics.lossRatio, roundTripMs === undefined ? undefined : roundTripMs / 1000);
  }

  /** The receiver misses a packet. */
  resend(sequenceNumber: number, nowMs: number): void {
    this.video?.resend(sequenceNumber, nowMs, this.statistics.roundTripMs);
  }

  /** The receiver cannot decode what it got. */
  requestKeyframe(): void {
    if (!this.#flows) return;
    this.keyframeRequests++;
    this.#observer.onKeyframeRequest();
    this.video?.requestKeyframe();
  }

  /** For a sender report: in step with the reports of the sender itself, so that its streams stay in step with each other. */
  senderInfo(nowMs: number, unixMs: number): SenderInfo {
    return this.statistics.senderInfo(this.#rewriter.timestampAt(nowMs), unixMs);
  }

  writeHeader(out: Buffer, offset: number, packet: SourcePacket, extensions: HeaderExtensionWriter): number {
    if (this.#codec === undefined) return offset;
    const placement = this.#place(packet);
    if (placement !== 'placed') return placement === 'unwanted' ? offset : -1;
    this.#fields.marker = this.video === undefined ? packet.marker : this.video.marker;
    this.#fields.sequenceNumber = this.#rewriter.sequenceNumber;
    this.#fields.timestamp = this.#rewriter.timestamp;
    this.#chooseForm(packet);
    const leaves = this.video === undefined || this.video.admits(packet.payloadLength, packet.arrivedMs);
    writeRtpHeader(out, offset, this.#fields);
    const end = this.#writeExtensions(out, offset, packet, extensions, leaves);
    if (!this.#complete(out, offset, end, packet)) return -1;
    if (leaves) this.statistics.sent(packet.payloadLength - this.#replacedLength);
    else this.video?.wait(this.#index, packet.arrivedMs);
    return leaves ? end : offset;
  }

  #chooseCodec(): void {
    this.#codec = this.#codecs.find((codec) => isFormatOf(this.source, codec));
    if (this.#codec) {
      this.#payloadType = this.#codec.payloadType;
      this.#redPayloadType = this.#codec.red?.payloadType ?? -1;
      this.video?.adoptCodec(this.#codec);
    }
    this.#reportFlow();
  }

  #reportFlow(): void {
    const mimeType = this.#flows ? this.#codec?.mimeType : undefined;
    if (mimeType === this.#flowsAs) return;
    this.#observer.onFlow(this.#flowsAs, mimeType);
    this.#flowsAs = mimeType;
  }

  #place(packet: SourcePacket): Placement {
    if (this.video !== undefined && packet.video !== undefined) return this.video.place(packet, packet.video);
    const { number, timestamp, arrivedMs, clock } = packet;
    return this.#rewriter.rewrite(number, timestamp, arrivedMs, clock) ? 'placed' : 'late';
  }

  /** A receiver that does not take a redundant payload, or has another number for its blocks, is sent the primary encoding alone. */
  #chooseForm({ redundantBytes, payloadType }: SourcePacket): void {
    const isRed = redundantBytes > 0 && this.#redPayloadType >= 0 && payloadType === this.#payloadType;
    this.#fields.payloadType = isRed ? this.#redPayloadType : this.#payloadType;
    this.#replacedLength = isRed ? 0 : redundantBytes;
  }

  #writeExtensions(
    out: Buffer,
    offset: number,
    packet: SourcePacket,
    extensions: HeaderExtensionWriter,
    leaves: boolean,
  ): number {
    const hasAudioLevel = this.#audioLevelId !== 0 && packet.audioLevel >= 0;
    if (!hasAudioLevel && this.video === undefined) return offset + RTP_HEADER_SIZE;
    extensions.begin(out, offset);
    if (hasAudioLevel) extensions.writeUInt8(this.#audioLevelId, packet.audioLevel);
    this.video?.writeExtensions(extensions, packet, leaves);
    return extensions.end();
  }

  #complete(out: Buffer, offset: number, end: number, packet: SourcePacket): boolean {
    if (this.video === undefined || packet.video === undefined) return true;
    return this.video.complete(out, offset, end, this.#index, packet, packet.video);
  }

  /** Number of the packet that was placed last, over all wraps. */
  get #index(): number {
    return packetIndex(this.#rewriter.rolloverCounter, this.#rewriter.sequenceNumber);
  }
}
