import type { LayerRate, PublishedLevel, SourcePacket, SourceVideo } from '../../call/published-track.ts';
import { ALL_LAYERS, type Layers } from '../../codecs/layers.ts';
import type { DropCounts } from '../../inspect/drops.ts';
import type { Random } from '../../ports.ts';
import { HeaderExtensionWriter } from '../../rtp/header-extensions.ts';
import { PacketHistory } from '../../rtp/packet-history.ts';
import type { SequenceRewriter } from '../../rtp/sequence-rewriter.ts';
import type { Codec } from '../../sdp/description.ts';
import type { VideoDemand } from '../bandwidth/allocator.ts';
import { type AllocationReason, PAUSED, VideoChoice } from '../bandwidth/video-choice.ts';
import type { Departures } from './departures.ts';
import type { FanOut } from './fan-out.ts';
import { LayerSwitch, type Placement } from './layer-switch.ts';
import { NackResponder } from './nack-responder.ts';
import type { WaitingTrack } from './packet-queue.ts';
import { MAX_PADDING_BYTES, RetransmissionStream } from './retransmission-stream.ts';
import { SentLog } from './sent-log.ts';
import { StoredPackets } from './stored-packets.ts';

export interface OutgoingVideoOptions {
  readonly fanOut: FanOut;
  readonly drops: DropCounts;
  readonly random: Random;
  readonly rewriter: SequenceRewriter;
  /** packet-io's number of the receiver. */
  readonly slot: number;
  readonly rtxSsrc: number;
  /** Packets that can be sent again: a power of two. */
  readonly nackBufferSize: number;
  /** Lets all packets to the receiver leave. */
  readonly departures: Departures;
  /** A packet went out that had waited, or again. */
  onLeft(payloadBytes: number, isRetransmission: boolean): void;
}

/** Header extension ids at the receiver, 0 for what it does not take. */
export interface VideoExtensionIds {
  /** Id of transport-wide numbers. */
  readonly transportCcId: number;
  readonly dependencyDescriptorId: number;
}

/** Decision on what of a video its receiver is sent. */
export interface Allocation {
  /** Undefined while the video is paused. */
  readonly level: PublishedLevel | undefined;
  readonly layers: Layers;
  readonly reason: AllocationReason;
}

/** Time without a packet after which an encoding has stopped, if another one of its source continues: several pictures of each. */
const STALLED_MS = 700;

const NOTHING: Allocation = { level: undefined, layers: ALL_LAYERS, reason: 'source_silent' };
const NO_EXTENSIONS: VideoExtensionIds = { transportCcId: 0, dependencyDescriptorId: 0 };
const NO_RATES: readonly LayerRate[] = [];
const NO_HISTORY = new PacketHistory(1);

/** The part of an outgoing track that only video has: encodings and layers of which some are sent, and packets that are sent again. */
export class OutgoingVideo implements WaitingTrack {
  /** Number of the packet that was completed last. */
  prefixLength = 0;
  replacedLength = 0;
  readonly #layers: LayerSwitch;
  readonly #log: SentLog;
  readonly #responder: NackResponder;
  readonly #retransmissions: RetransmissionStream;
  readonly #stored: StoredPackets;
  readonly #departures: Departures;
  readonly #rewriter: SequenceRewriter;
  readonly #onLeft: OutgoingVideoOptions['onLeft'];
  /** The next packet that is placed begins an encoding. */
  #begins = true;
  readonly #extensions = new HeaderExtensionWriter();
  #extensionIds = NO_EXTENSIONS;
  #choice = new VideoChoice();
  #allocation = NOTHING;
  /** By encoding. */
  readonly #rates: (readonly LayerRate[])[] = [];

  constructor({
    nackBufferSize,
    random,
    rewriter,
    departures,
    fanOut,
    slot,
    rtxSsrc,
    drops,
    onLeft,
  }: OutgoingVideoOptions) {
    this.#layers = new LayerSwitch(rewriter);
    this.#rewriter = rewriter;
    this.#departures = departures;
    this.#onLeft = onLeft;
    const log = new SentLog(nackBufferSize, NO_HISTORY);
    this.#log = log;
    this.#retransmissions = new RetransmissionStream({
      fanOut,
      slot,
      rtxSsrc,
      rtxSequenceNumber: Buffer.from(random(2)).readUInt16BE() >> 1,
      writeExtensions: (out, offset, payloadBytes, nowMs, original) => {
        const { transportCcId, dependencyDescriptorId } = this.#extensionIds;
        this.#extensions.begin(out, offset);
        if (transportCcId !== 0) this.#extensions.writeUInt16(transportCcId, departures.number(payloadBytes, nowMs));
        if (original && dependencyDescriptorId !== 0)
          this.#extensions.copy(dependencyDescriptorId, original.headers, original.headerOffset);
        return this.#extensions.end();
      },
    });
    this.#stored = new StoredPackets({
      fanOut,
      slot,
      log,
      retransmissions: this.#retransmissions,
      number: (payloadBytes, nowMs) => departures.number(payloadBytes, nowMs),
    });
    this.#responder = new NackResponder({
      log,
      drops,
      canResend: () => this.#retransmissions.takes(log),
      resend: (index, nowMs) => this.#resend(index, nowMs),
    });
  }

  /** The encoding that flows. */
  get level(): PublishedLevel | undefined {
    return this.#layers.level;
  }

  /** The decision that holds. */
  get allocation(): Allocation {
    return this.#allocation;
  }

  /** The packet that was placed last ends its picture. */
  get marker(): boolean {
    return this.#layers.marker;
  }

  /** Takes the codec that flows, under the receiver's numbers. */
  adoptCodec(codec: Codec): void {
    this.#retransmissions.adopt(codec);
  }

  adoptExtensions(ids: VideoExtensionIds): void {
    this.#extensionIds = ids;
  }

  /** Begins with the smallest of these encodings: the next packets do not continue what was sent. */
  begin([smallest]: readonly PublishedLevel[]): void {
    this.#choice = new VideoChoice();
    this.#allocation = { ...NOTHING, level: smallest };
    this.#layers.want(smallest);
    this.#layers.restart();
  }

  /** Marks that the next packets of an encoding do not continue what was sent, or those of all. */
  restart(level: PublishedLevel | undefined): void {
    this.#layers.restart(level);
  }

  /** Describes the encodings of the video and what was chosen, for a new choice. Their rates are borrowed until the next call. */
  demand(levels: readonly PublishedLevel[], tier: number, nowMs: number): VideoDemand {
    let latestMs = Number.NEGATIVE_INFINITY;
    for (const { lastPacketMs } of levels) latestMs = Math.max(latestMs, lastPacketMs);
    this.#rates.length = 0;
    for (const level of levels) {
      this.#rates.push(latestMs - level.lastPacketMs > STALLED_MS ? NO_RATES : level.rates(nowMs));
    }
    return {
      tier,
      rates: this.#rates,
      flowing: this.level === undefined ? PAUSED : levels.indexOf(this.level),
      choice: this.#choice,
    };
  }

  /** Sends what was chosen from now on, an encoding from its next key frame. Returns false if all stays as it was. */
  follow(levels: readonly PublishedLevel[], { rates }: VideoDemand): boolean {
    const { allocation } = this;
    const level = levels[this.#choice.level];
    const layers = this.#choice.rateOf(rates)?.layers ?? allocation.layers;
    const isSame = level === allocation.level && isEqual(layers, allocation.layers);
    if (!isSame) this.#layers.want(level, layers);
    if (!isSame && level === undefined) this.#outdate(Number.POSITIVE_INFINITY);
    const { reason: chosenFor } = this.#choice;
    const reason = level === this.level || chosenFor === 'source_silent' ? chosenFor : 'awaiting_key_frame';
    if (isSame && reason === allocation.reason) return false;
    this.#allocation = { level, layers, reason };
    return true;
  }

  requestKeyframe(): void {
    this.#layers.requestKeyframe();
  }

  /** Decides on a packet, and numbers it. With the first one of an encoding, `level` changes. */
  place(packet: SourcePacket, video: SourceVideo): Placement {
    const before = this.level;
    const placement = this.#layers.place(packet, video);
    if (this.level !== before) this.#begins = true;
    return placement;
  }

  /** Returns whether the packet that was placed last leaves at once. If not, it is to wait. */
  admits(payloadBytes: number, nowMs: number): boolean {
    return this.#departures.pacer.admits(payloadBytes, false, nowMs);
  }

  /** Writes the header extensions of a packet that the receiver takes. One that waits has no transport-wide number yet. */
  writeExtensions(extensions: HeaderExtensionWriter, packet: SourcePacket, leaves: boolean): void {
    const { transportCcId, dependencyDescriptorId } = this.#extensionIds;
    if (transportCcId !== 0) {
      const number = leaves ? this.#departures.number(packet.payloadLength, packet.arrivedMs) : 0;
      extensions.writeUInt16(transportCcId, number);
    }
    if (dependencyDescriptorId !== 0 && packet.video !== undefined) {
      this.#layers.writeDependencyDescriptor(extensions, dependencyDescriptorId, packet.video.payload);
    }
  }

  /** Lets the packet that was completed last wait until it may leave. */
  wait(index: number, nowMs: number): void {
    if (!this.#log.find(index)) return;
    this.#log.waits();
    this.#departures.pacer.wait(this, index, false, nowMs);
  }

  leave(index: number, isRetransmission: boolean, nowMs: number): number {
    const payloadBytes = isRetransmission
      ? this.#stored.sendAgain(index, nowMs)
      : this.#stored.sendFirst(index, this.#extensionIds.transportCcId, nowMs);
    if (payloadBytes > 0) this.#onLeft(payloadBytes, isRetransmission);
    return payloadBytes;
  }

  /** No packet leaves any more: the track is not negotiated. */
  halt(): void {
    this.#departures.pacer.forget(this);
  }

  abandon(): void {
    if (this.level !== undefined) this.#layers.restart(this.level);
  }

  /** Sends a packet of padding with a transport-wide number. Returns false where the receiver takes none. */
  sendPadding(nowMs: number): boolean {
    if (!this.canSendPadding) return false;
    this.#retransmissions.sendPadding(this.#rewriter.timestamp, nowMs);
    this.#departures.pacer.spend(MAX_PADDING_BYTES, false, nowMs);
    return true;
  }

  /** The receiver takes a retransmission stream, and reports how its packets arrive. */
  get canSendPadding(): boolean {
    return this.#retransmissions.isNegotiated && this.#extensionIds.transportCcId !== 0;
  }

  /**
   * Writes a packet's prefix behind its header, from `offset` to `end`, and keeps both. Returns false if a packet was sent under this index
   * before. The payload is at the start of `out`.
   */
  complete(out: Buffer, offset: number, end: number, index: number, packet: SourcePacket, video: SourceVideo): boolean {
    const { payload, history } = video;
    if (this.#begins) this.#outdate(index);
    this.#begins = false;
    this.prefixLength = this.#layers.writePrefix(out, end, out, 0, payload) - end;
    this.replacedLength = payload.length;
    const headerLength = end - offset;
    const { prefixLength, replacedLength } = this;
    if (!this.#log.record(index, history, packet.number, out, offset, headerLength, prefixLength, replacedLength)) {
      return false;
    }
    this.#responder.sent();
    return true;
  }

  /** The receiver misses a packet. */
  resend(sequenceNumber: number, nowMs: number, roundTripMs: number | undefined): void {
    const { bandwidth } = this.#departures;
    this.#responder.request(sequenceNumber, nowMs, Math.max(roundTripMs ?? 0, bandwidth.roundTripMs ?? 0));
  }

  #resend(index: number, nowMs: number): void {
    const { pacer } = this.#departures;
    const payloadBytes = this.#log.history.lengthOf(this.#log.number);
    if (pacer.admits(payloadBytes, true, nowMs)) this.leave(index, true, nowMs);
    else if (pacer.wait(this, index, true, nowMs)) this.#log.waits();
  }

  /** Sends no packet before `index` any more: the receiver continues with the key frame that begins there. */
  #outdate(index: number): void {
    this.#departures.pacer.outdate(this);
    this.#responder.outdate(index);
  }
}

const isEqual = (one: Layers, other: Layers): boolean =>
  one.spatialId === other.spatialId && one.temporalId === other.temporalId;
