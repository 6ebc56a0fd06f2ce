import { payloadTypeOf, rtpHeaderLength, ssrcOf } from '../../rtp/header.ts';
import { findHeaderExtension, headerExtensionLength } from '../../rtp/header-extensions.ts';
import { midId } from '../../sdp/capabilities.ts';
import { isPayloadTypeOf } from '../../sdp/codec-table.ts';
import type { IncomingStream } from './incoming-stream.ts';

/** Three encodings with their retransmissions at a time; the others are those that a sender had before it restarted. */
const MAX_LEARNED_PER_STREAM = 16;
/** Sources of streams that have ended: of several videos with all of their encodings. */
const MAX_FORMER = 64;

/**
 * Finds the stream of a packet in a BUNDLE (RFC 9143 section 9.2): by the mid extension, else by the SSRC, announced or learned, else by
 * a payload type that leaves no doubt.
 */
export class RtpDemuxer {
  /** Packets of no stream since the last `sync`. */
  strays = 0;
  readonly #bySsrc = new Map<number, IncomingStream>();
  readonly #learned = new Map<IncomingStream, number[]>();
  /**
   * The mids of sources whose streams have ended, the oldest first. Packets of theirs are still on their way, and would ruin the stream that their
   * payload type points to now.
   */
  readonly #former = new Map<number, string>();
  #streams: readonly IncomingStream[] = [];
  /** By payload type, where it leaves no doubt. */
  #byPayloadType = new Map<number, IncomingStream>();
  #midId = 0;

  /** Takes over what was negotiated. An announced SSRC is its section's, whatever was learned before. */
  sync(streams: readonly IncomingStream[]): void {
    this.strays = 0;
    this.#streams = streams;
    this.#byPayloadType = unambiguousPayloadTypes(streams);
    this.#midId = streams.map(({ received }) => midId(received.extensions)).find((id) => id !== 0) ?? 0;
    this.#rememberEnded(streams);
    this.#bySsrc.clear();
    for (const stream of streams) {
      const { ssrcs, rtxSsrcs } = stream.received;
      for (const ssrc of [...ssrcs, ...rtxSsrcs.values()]) this.#bySsrc.set(ssrc, stream);
    }
    for (const [stream, ssrcs] of this.#learned) {
      const kept = streams.includes(stream) ? ssrcs.filter((ssrc) => !this.#bySsrc.has(ssrc)) : [];
      if (kept.length === 0) this.#learned.delete(stream);
      else this.#learned.set(stream, kept);
      for (const ssrc of kept) this.#bySsrc.set(ssrc, stream);
    }
    this.#recallFormer(streams);
  }

  find(packet: Buffer): IncomingStream | undefined {
    const known = this.#bySsrc.get(ssrcOf(packet));
    const mid = this.#midId === 0 ? -1 : this.#findMid(packet);
    if (known && (mid < 0 || isMid(packet, mid, known.mid))) return known;
    if (mid < 0 && this.#former.has(ssrcOf(packet))) return undefined;
    const payloadType = payloadTypeOf(packet);
    const stream = mid < 0 ? this.#byPayloadType.get(payloadType) : this.#byMid(packet, mid);
    if (stream?.takes(payloadType)) {
      this.#learn(ssrcOf(packet), stream);
      return stream;
    }
    this.strays += 1;
    return undefined;
  }

  #rememberEnded(streams: readonly IncomingStream[]): void {
    for (const [ssrc, stream] of this.#bySsrc) if (!streams.includes(stream)) this.#former.set(ssrc, stream.mid);
    const surplus = Math.max(0, this.#former.size - MAX_FORMER);
    for (const ssrc of [...this.#former.keys()].slice(0, surplus)) this.#former.delete(ssrc);
  }

  /** A section that was stopped continues with the sources that it had, unless it announces others. */
  #recallFormer(streams: readonly IncomingStream[]): void {
    for (const [ssrc, mid] of this.#former) {
      const stream = streams.find((candidate) => candidate.mid === mid && !announcesAll(candidate));
      if (stream && !this.#bySsrc.has(ssrc)) this.#learn(ssrc, stream);
      if (this.#bySsrc.has(ssrc)) this.#former.delete(ssrc);
    }
  }

  #findMid(packet: Buffer): number {
    return rtpHeaderLength(packet) < 0 ? -1 : findHeaderExtension(packet, this.#midId);
  }

  #byMid(packet: Buffer, offset: number): IncomingStream | undefined {
    return this.#streams.find(({ mid }) => isMid(packet, offset, mid));
  }

  #learn(ssrc: number, stream: IncomingStream): void {
    this.#forget(ssrc);
    this.#former.delete(ssrc);
    const ssrcs = this.#learned.get(stream) ?? [];
    ssrcs.push(ssrc);
    this.#learned.set(stream, ssrcs);
    this.#bySsrc.set(ssrc, stream);
    if (ssrcs.length > MAX_LEARNED_PER_STREAM) this.#bySsrc.delete(ssrcs.shift()!);
  }

  #forget(ssrc: number): void {
    const ssrcs = this.#learned.get(this.#bySsrc.get(ssrc)!);
    const at = ssrcs?.indexOf(ssrc) ?? -1;
    if (at >= 0) ssrcs!.splice(at, 1);
  }
}

/** Returns whether a section announced all of its sources. Of a simulcast by RIDs, `a=ssrc` lines are no binding. */
const announcesAll = ({ received: { rids, ssrcs } }: IncomingStream): boolean => rids.length === 0 && ssrcs.length > 0;

/**
 * A section that announced its sources is meant only where no other can be, and one that would have to change its codec only where no other
 * has it already.
 */
function unambiguousPayloadTypes(streams: readonly IncomingStream[]): Map<number, IncomingStream> {
  const found = new Map<number, IncomingStream>();
  const payloadTypes = new Set(
    streams.flatMap(({ received: { codecs } }) =>
      codecs.flatMap((codec) => [codec.payloadType, codec.rtxPayloadType, codec.red?.payloadType]),
    ),
  );
  for (const payloadType of payloadTypes) {
    if (payloadType === undefined) continue;
    const current = streams.filter(({ codec }) => isPayloadTypeOf(codec, payloadType));
    const candidates = current.length > 0 ? current : streams.filter((stream) => stream.takes(payloadType));
    const unannounced = candidates.filter(({ received }) => received.ssrcs.length === 0);
    const [only, ...others] = candidates.length === 1 ? candidates : unannounced;
    if (only && others.length === 0) found.set(payloadType, only);
  }
  return found;
}

/** Compares in place: this runs for each packet of a peer that sends the extension. Mids are ASCII tokens (RFC 5888 section 4). */
function isMid(packet: Buffer, offset: number, mid: string): boolean {
  if (headerExtensionLength(packet, offset) !== mid.length) return false;
  for (let at = 0; at < mid.length; at++) if (packet[offset + at] !== mid.charCodeAt(at)) return false;
  return true;
}
