import type { LayerRate, PublishedLevel } from '../../call/published-track.ts';
import { PacketReader } from '../../codecs/packet-reader.ts';
import { emptyPayloadDescriptor } from '../../codecs/payload-descriptor.ts';
import { ReceiveStatistics } from '../../rtcp/receive-statistics.ts';
import type { SenderClock } from '../../rtcp/sender-clock.ts';
import { markerOf, paddingLengthOf, sequenceNumberOf, timestampOf } from '../../rtp/header.ts';
import { PacketHistory } from '../../rtp/packet-history.ts';
import { OSN_BYTES, originalSequenceNumberOf } from '../../rtp/retransmission.ts';
import { nearestIndex, packetIndex } from '../../rtp/sequence.ts';
import { dependencyDescriptorId } from '../../sdp/capabilities.ts';
import type { Codec } from '../../sdp/description.ts';
import { LayerRates } from '../layer-rates.ts';
import { RepairRequests } from './repair-requests.ts';
import { type ReportedSource, RtpSource } from './rtp-source.ts';
import type { StreamOwner } from './stream-owner.ts';

export interface VideoLevelOptions {
  readonly rid: string;
  readonly owner: StreamOwner;
  readonly senderClock: SenderClock;
  readonly nackBufferSize: number;
}

/** One encoding of a video: the source that sends it, with its retransmissions in order again, and what to ask its sender for. */
export class VideoLevel implements PublishedLevel {
  readonly rid: string;
  readonly #options: VideoLevelOptions;
  #rates = new LayerRates();
  #source: RtpSource | undefined;
  #retransmissions: ReportedSource | undefined;
  /** Sources that a sender had before it restarted; SRTP bounds how many a peer may have. */
  readonly #retired = new Set<number>();
  #requests: RepairRequests;
  #reader: PacketReader;
  /** SSRC of the media stream. */
  #highestIndex = 0;
  #hasStarted = false;

  constructor(options: VideoLevelOptions) {
    const { codec } = options.owner;
    this.rid = options.rid;
    this.#options = options;
    this.#requests = new RepairRequests(feedbackOf(codec));
    this.#reader = this.#newReader();
  }

  /** The source that sends it; undefined before its first packet. */
  get source(): RtpSource | undefined {
    return this.#source;
  }

  /** The source of its retransmission stream; undefined before the first packet of it. */
  get retransmissions(): ReportedSource | undefined {
    return this.#retransmissions;
  }

  get requests(): RepairRequests {
    return this.#requests;
  }

  /** Payload types may have changed, or the codec. */
  adopt(): void {
    const { codec, received } = this.#options.owner;
    this.#requests.adopt(feedbackOf(codec));
    this.#reader.adopt(codec.mimeType, dependencyDescriptorId(received.extensions));
  }

  restart(): void {
    this.#source = undefined;
    this.#retransmissions = undefined;
    this.#retired.clear();
  }

  get lastPacketMs(): number {
    return this.#rates.lastMs;
  }

  rates(nowMs: number): readonly LayerRate[] {
    return this.#rates.rates(nowMs);
  }

  requestKeyframe(): void {
    this.#requests.requestKeyframe();
    this.#options.owner.deadlineChanged();
  }

  cancelKeyframeRequest(): void {
    this.#requests.cancelKeyframeRequest();
  }

  /**
   * Takes the goodbye of a source (RFC 3550 section 6.6): nothing is asked of it any more, and it counts as silent at once. If packets follow
   * nevertheless, it continues.
   */
  receiveGoodbye(ssrc: number): void {
    if (this.#source?.ssrc !== ssrc || !this.#hasStarted) return;
    this.#requests = new RepairRequests(feedbackOf(this.#options.owner.codec));
    this.#rates = new LayerRates();
    this.#hasStarted = false;
  }

  /** Takes a packet of the media stream of `ssrc`. */
  receive(packet: Buffer, ssrc: number, headerLength: number, rolloverCounter: number, nowMs: number): void {
    if (this.#retired.has(ssrc)) {
      this.#options.owner.drops.rtp_unused_stream++;
      return;
    }
    const source = this.#sourceOf(ssrc);
    const sequenceNumber = sequenceNumberOf(packet);
    source.statistics.receive(sequenceNumber, timestampOf(packet), nowMs);
    const index = packetIndex(rolloverCounter, sequenceNumber);
    if (index > this.#highestIndex) this.#highestIndex = index;
    this.#take(packet, source, index, headerLength, nowMs);
  }

  /** Takes a packet of the media stream that is of no use: it must not be asked for again, nor leave a gap. */
  skip(packet: Buffer, ssrc: number, rolloverCounter: number, nowMs: number): void {
    if (this.#source?.ssrc !== ssrc) return;
    const index = packetIndex(rolloverCounter, sequenceNumberOf(packet));
    if (index > this.#highestIndex) this.#highestIndex = index;
    this.#requests.received(index, nowMs);
    this.#source.numbering.skip(index);
  }

  /**
   * Returns whether a packet of the media stream begins a key frame in another codec, ahead of all that arrived: of one that arrives behind
   * its rest, the rest was not forwarded and cannot be.
   */
  isBegunBy(codec: Codec, packet: Buffer, ssrc: number, headerLength: number, rolloverCounter: number): boolean {
    if (this.#retired.has(ssrc)) return false;
    const index = packetIndex(rolloverCounter, sequenceNumberOf(packet));
    if (this.#source?.ssrc === ssrc && index <= this.#highestIndex) return false;
    const end = packet.length - paddingLengthOf(packet);
    otherReader.adopt(codec.mimeType, dependencyDescriptorId(this.#options.owner.received.extensions));
    return otherReader.read(packet, headerLength, end, scratch) && scratch.startsKeyframe;
  }

  /** Takes a packet of the retransmission stream of `ssrc`. */
  receiveRetransmission(packet: Buffer, ssrc: number, headerLength: number, nowMs: number): void {
    this.#countRetransmission(packet, ssrc, nowMs);
    const source = this.#source;
    const length = packet.length - headerLength - paddingLengthOf(packet);
    const sequenceNumber = originalSequenceNumberOf(packet, headerLength, length);
    // Padding, or for a source that has not sent anything itself.
    if (sequenceNumber < 0 || !source) return;
    const index = nearestIndex(sequenceNumber, this.#highestIndex);
    this.#take(packet, source, index, headerLength + OSN_BYTES, nowMs);
  }

  #countRetransmission(packet: Buffer, ssrc: number, nowMs: number): void {
    if (this.#retransmissions?.ssrc !== ssrc) {
      this.#retransmissions = { ssrc, statistics: new ReceiveStatistics(this.#options.owner.received.codec.clockRate) };
    }
    this.#retransmissions.statistics.receive(sequenceNumberOf(packet), timestampOf(packet), nowMs);
  }

  #take(packet: Buffer, source: RtpSource, index: number, payloadStart: number, nowMs: number): void {
    const { owner } = this.#options;
    this.#requests.received(index, nowMs);
    const payloadLength = packet.length - payloadStart - paddingLengthOf(packet);
    if (payloadLength === 0) return source.numbering.skip(index);
    const { video } = source.packet;
    if (!video || !this.#reader.read(packet, payloadStart, payloadStart + payloadLength, video.payload)) {
      source.numbering.skip(index);
      return owner.dropMalformed('rtp_malformed');
    }
    if (this.#reader.leavesOutDescriptor) owner.drops.rtp_descriptor_left_out++;
    const number = source.numbering.number(index);
    if (number < 0) {
      owner.drops.rtp_late++;
      return;
    }
    if (!video.history.add(number, packet, payloadStart, payloadLength)) {
      if (video.history.isTooLate(number)) owner.drops.rtp_late++;
      else owner.drops.rtp_repeated++;
      return;
    }
    this.#rates.add(video.payload, payloadLength, nowMs);
    this.#forward(packet, source, number, payloadStart, payloadLength, nowMs);
  }

  #forward(packet: Buffer, source: RtpSource, number: number, start: number, length: number, nowMs: number): void {
    const { owner } = this.#options;
    const into = source.packet;
    into.number = number;
    into.payloadLength = length;
    into.marker = markerOf(packet);
    into.timestamp = timestampOf(packet);
    into.arrivedMs = nowMs;
    // A source that begins sends a key frame unasked.
    if (!this.#hasStarted) this.#requests.expectKeyframe(nowMs);
    this.#hasStarted = true;
    this.#requests.receivedPayload(number, into.timestamp, into.marker, into.video?.payload.startsKeyframe === true);
    owner.started(nowMs);
    if (owner.track) owner.track.forward(packet, start, into);
    else owner.drops.rtp_unused_stream++;
  }

  #newReader(): PacketReader {
    const { codec, received } = this.#options.owner;
    return new PacketReader(codec.mimeType, dependencyDescriptorId(received.extensions));
  }

  #sourceOf(ssrc: number): RtpSource {
    if (this.#source?.ssrc === ssrc) return this.#source;
    const { owner, senderClock, nackBufferSize } = this.#options;
    const { codec } = owner;
    if (this.#source) this.#retired.add(this.#source.ssrc);
    this.#requests = new RepairRequests(feedbackOf(codec));
    this.#highestIndex = 0;
    this.#hasStarted = false;
    this.#reader = this.#newReader();
    this.#source = new RtpSource({
      ssrc,
      clockRate: codec.clockRate,
      senderClock,
      video: {
        level: this,
        history: new PacketHistory(nackBufferSize),
        payload: emptyPayloadDescriptor(),
      },
    });
    owner.track?.levelRestarted(this);
    return this.#source;
  }
}

const scratch = emptyPayloadDescriptor();
/** For packets that may begin a codec: what they need is in themselves. */
const otherReader = new PacketReader('', 0);

const feedbackOf = ({ feedback }: Codec) => ({
  nack: feedback.includes('nack'),
  pictureLoss: feedback.includes('nack pli'),
  fullIntra: feedback.includes('ccm fir'),
});
