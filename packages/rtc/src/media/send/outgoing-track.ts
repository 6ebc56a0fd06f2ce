import type { PacketReceiver, PublishedTrack, SourcePacket } from '../../call/published-track.ts';
import type { Random } from '../../ports.ts';
import type { SenderInfo } from '../../rtcp/report.ts';
import { SendStatistics } from '../../rtcp/send-statistics.ts';
import type { SourceClock } from '../../rtcp/sender-clock.ts';
import { type RtpHeaderFields, writeRtpHeader } from '../../rtp/header.ts';
import type { HeaderExtensionWriter } from '../../rtp/header-extensions.ts';
import { SequenceRewriter } from '../../rtp/sequence-rewriter.ts';

export interface OutgoingTrackOptions {
  readonly source: PublishedTrack;
  /** packet-io's number of the receiver. */
  readonly slot: number;
  readonly ssrc: number;
  readonly random: Random;
}

/** The receiver's numbers, which any negotiation may change. */
export interface OutgoingNumbers {
  readonly payloadType: number;
  /** Header extension id of the audio level at the receiver, 0 for none. */
  readonly audioLevelId: number;
}

/** A published track on its way to one receiver: nothing but the rewriting of headers. Paused until `flow`. */
export class OutgoingTrack implements PacketReceiver {
  readonly source: PublishedTrack;
  readonly slot: number;
  readonly ssrc: number;
  readonly statistics: SendStatistics;
  readonly #rewriter: SequenceRewriter;
  readonly #fields: RtpHeaderFields;
  #audioLevelId = 0;
  #flows = false;
  /** Of the source of the packet that was sent last. */
  #sourceClock: SourceClock | undefined;

  constructor({ source, slot, ssrc, random }: OutgoingTrackOptions) {
    this.source = source;
    this.slot = slot;
    this.ssrc = ssrc;
    this.statistics = new SendStatistics(source.clockRate);
    const start = Buffer.from(random(6));
    this.#rewriter = new SequenceRewriter({
      sequenceNumber: start.readUInt16BE(0) >> 1,
      timestamp: start.readUInt32BE(2),
      clockRate: source.clockRate,
    });
    this.#fields = { marker: false, payloadType: 0, sequenceNumber: 0, timestamp: 0, ssrc };
  }

  get rolloverCounter(): number {
    return this.#rewriter.rolloverCounter;
  }

  /** Packets of the source go to the receiver. */
  get isFlowing(): boolean {
    return this.#flows;
  }

  adopt({ payloadType, audioLevelId }: OutgoingNumbers): void {
    this.#fields.payloadType = payloadType;
    this.#audioLevelId = audioLevelId;
  }

  /** Takes packets of the source from now on. False if it did already. */
  flow(): boolean {
    if (this.#flows) return false;
    this.#flows = true;
    this.resume();
    this.source.attach(this);
    return true;
  }

  /** Takes no packets until `flow`. False if it took none already. */
  pause(): boolean {
    if (!this.#flows) return false;
    this.#flows = false;
    this.source.detach(this);
    return true;
  }

  resume(): void {
    this.#rewriter.switchSource();
  }

  /** For a sender report: in step with the reports of the sender itself, so that its streams stay in step with each other. */
  senderInfo(nowMs: number, unixMs: number): SenderInfo {
    const sourceTimestamp = this.#sourceClock?.timestampAt(nowMs);
    const timestamp = sourceTimestamp === undefined ? undefined : this.#rewriter.toOutgoingTimestamp(sourceTimestamp);
    return this.statistics.senderInfo(nowMs, unixMs, timestamp);
  }

  writeHeader(out: Buffer, offset: number, packet: SourcePacket, extensions: HeaderExtensionWriter): number {
    if (!this.#rewriter.rewrite(packet.number, packet.timestamp, packet.arrivedMs)) return -1;
    this.#sourceClock = packet.clock;
    this.#fields.marker = packet.marker;
    this.#fields.sequenceNumber = this.#rewriter.sequenceNumber;
    this.#fields.timestamp = this.#rewriter.timestamp;
    this.statistics.sent(this.#rewriter.timestamp, packet.payloadLength, packet.arrivedMs);
    const end = writeRtpHeader(out, offset, this.#fields);
    if (this.#audioLevelId === 0 || packet.audioLevel < 0) return end;
    extensions.begin(out, offset);
    extensions.writeUInt8(this.#audioLevelId, packet.audioLevel);
    return extensions.end();
  }
}
