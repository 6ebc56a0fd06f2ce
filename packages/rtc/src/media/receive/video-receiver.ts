import type { ReceivedTrack } from '../../call/negotiated-media.ts';
import type { SenderClock } from '../../rtcp/sender-clock.ts';
import { paddingLengthOf, payloadTypeOf, ssrcOf } from '../../rtp/header.ts';
import { findHeaderExtension, headerExtensionLength } from '../../rtp/header-extensions.ts';
import { repairedRidId, ridId } from '../../sdp/capabilities.ts';
import { isPayloadTypeOf } from '../../sdp/codec-table.ts';
import type { RtpSource } from './rtp-source.ts';
import type { StreamOwner } from './stream-owner.ts';
import { VideoLevel } from './video-level.ts';

/** Two sources per encoding, and those that a sender had before it restarted. */
const MAX_SOURCES = 32;
/** Encodings by names that senders use, the smallest first. Others keep the order of the offer. */
const RIDS = ['q', 'l', 'm', 'h', 'f'];

interface LearnedSource {
  readonly level: VideoLevel;
  readonly isRetransmission: boolean;
}

/**
 * Reads the RTP of a section of video: finds the encoding of each source. Senders name it in their first packets and never again (RFC 8852),
 * so that it is kept for as long as the section lives.
 */
export class VideoReceiver {
  readonly levels: readonly VideoLevel[];
  readonly #owner: StreamOwner;
  readonly #bySsrc = new Map<number, LearnedSource>();
  #ridId = 0;
  #repairedRidId = 0;

  constructor(owner: StreamOwner, options: { readonly senderClock: SenderClock; readonly nackBufferSize: number }) {
    const { rids, ssrcs } = owner.received;
    this.#owner = owner;
    const names = rids.length > 0 ? rids.toSorted((one, other) => rankOf(one) - rankOf(other)) : namesFor(ssrcs.length);
    this.levels = names.map((rid) => new VideoLevel({ rid, owner, ...options }));
    this.adopt(owner.received);
  }

  get sources(): readonly RtpSource[] {
    return this.levels.flatMap(({ source }) => source ?? []);
  }

  adopt({ extensions, rids, ssrcs, rtxSsrcs }: ReceivedTrack): void {
    this.#ridId = ridId(extensions);
    this.#repairedRidId = repairedRidId(extensions);
    for (const level of this.levels) level.adopt();
    if (rids.length === 0 && ssrcs.length === this.levels.length) this.#announce(ssrcs, rtxSsrcs);
  }

  restart(): void {
    for (const level of this.levels) level.restart();
  }

  receive(packet: Buffer, headerLength: number, rolloverCounter: number, nowMs: number): void {
    const { codec } = this.#owner;
    const payloadType = payloadTypeOf(packet);
    const isRetransmission = payloadType === codec.rtxPayloadType;
    if (!isRetransmission && payloadType !== codec.payloadType) {
      return this.#receiveOther(packet, headerLength, rolloverCounter, nowMs);
    }
    const ssrc = ssrcOf(packet);
    const level = this.#levelOf(packet, ssrc, isRetransmission);
    if (!level) this.#owner.drops.rtp_unknown_ssrc++;
    else if (isRetransmission) level.receiveRetransmission(packet, ssrc, headerLength, nowMs);
    else level.receive(packet, ssrc, headerLength, rolloverCounter, nowMs);
  }

  /** Takes a packet of another codec than the stream's. With a key frame of one that was negotiated, the stream's codec changes. */
  #receiveOther(packet: Buffer, headerLength: number, rolloverCounter: number, nowMs: number): void {
    const { codecs } = this.#owner.received;
    const ssrc = ssrcOf(packet);
    const codec = codecs.find((it) => isPayloadTypeOf(it, payloadTypeOf(packet)));
    if (!codec) {
      this.#bySsrc.get(ssrc)?.level.skip(packet, ssrc, rolloverCounter, nowMs);
      return this.#owner.dropMalformed('rtp_wrong_payload_type');
    }
    const isMedia = payloadTypeOf(packet) === codec.payloadType;
    const level = isMedia ? this.#levelOf(packet, ssrc, false) : undefined;
    if (level?.isBegunBy(codec, packet, ssrc, headerLength, rolloverCounter) && this.#owner.changeCodec(codec, nowMs)) {
      return level.receive(packet, ssrc, headerLength, rolloverCounter, nowMs);
    }
    this.#owner.drops.rtp_other_codec++;
    level?.skip(packet, ssrc, rolloverCounter, nowMs);
    if (packet.length - paddingLengthOf(packet) > headerLength) level?.requestKeyframe();
  }

  #levelOf(packet: Buffer, ssrc: number, isRetransmission: boolean): VideoLevel | undefined {
    const known = this.#bySsrc.get(ssrc);
    return known?.isRetransmission === isRetransmission ? known.level : this.#learn(packet, ssrc, isRetransmission);
  }

  /** In order: of a simulcast by SSRCs, the smallest encoding comes first. */
  #announce(ssrcs: readonly number[], rtxSsrcs: ReadonlyMap<number, number>): void {
    for (const [index, level] of this.levels.entries()) {
      const ssrc = ssrcs[index]!;
      this.#bySsrc.set(ssrc, { level, isRetransmission: false });
      const rtxSsrc = rtxSsrcs.get(ssrc);
      if (rtxSsrc !== undefined) this.#bySsrc.set(rtxSsrc, { level, isRetransmission: true });
    }
  }

  #learn(packet: Buffer, ssrc: number, isRetransmission: boolean): VideoLevel | undefined {
    const id = isRetransmission ? this.#repairedRidId : this.#ridId;
    const at = id === 0 ? -1 : findHeaderExtension(packet, id);
    const rid = at < 0 ? '' : packet.toString('latin1', at, at + headerExtensionLength(packet, at));
    const level = this.levels.find((candidate) => candidate.rid === rid);
    if (!level) return undefined;
    const [oldest] = this.#bySsrc.keys();
    if (oldest !== undefined && this.#bySsrc.size === MAX_SOURCES) this.#bySsrc.delete(oldest);
    this.#bySsrc.set(ssrc, { level, isRetransmission });
    return level;
  }
}

/** Names for a simulcast by SSRCs, which has none: those of the contract. */
function namesFor(sources: number): readonly string[] {
  if (sources <= 1) return [''];
  return sources === 2 ? ['l', 'h'] : ['l', 'm', 'h'];
}

const rankOf = (rid: string): number => RIDS.indexOf(rid);
