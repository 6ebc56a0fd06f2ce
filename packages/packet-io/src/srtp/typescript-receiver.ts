import { SrtpDrop, type SrtpReceiver } from '../packet-plane.ts';
import { MAX_PACKET_BYTES } from './limits.ts';
import {
  hasVersion2,
  MAX_SRTCP_INDEX,
  RTCP_HEADER_BYTES,
  readUint32,
  rtcpSsrc,
  rtpHeaderLength,
  rtpSequenceNumber,
  rtpSsrc,
  SEQUENCE_NUMBERS,
} from './packet-format.ts';
import { ReplayWindow } from './replay-window.ts';
import type { SrtpTransform } from './transform.ts';

/** Counters that all receivers share. */
export interface ReceiveCounters {
  rtpReceived: number;
  rtcpReceived: number;
  malformedDrops: number;
  unauthenticDrops: number;
  replayedDrops: number;
  tooManySsrcsDrops: number;
}

/**
 * Section 3.3 of RFC 3711 for one peer, in its order: what costs nothing is checked first, then the tag, and only then does a
 * packet change any state.
 */
export class TypeScriptSrtpReceiver implements SrtpReceiver {
  rolloverCounter = 0;
  readonly #transform: SrtpTransform;
  readonly #maxSsrcs: number;
  readonly #counters: ReceiveCounters;
  readonly #rtpSources = new Map<number, ReplayWindow>();
  readonly #rtcpSources = new Map<number, ReplayWindow>();

  constructor(transform: SrtpTransform, maxSsrcs: number, counters: ReceiveCounters) {
    this.#transform = transform;
    this.#maxSsrcs = maxSsrcs;
    this.#counters = counters;
  }

  unprotectRtp(packet: Uint8Array): number {
    const headerLength = rtpHeaderLength(packet, packet.length - this.#transform.rtpOverhead);
    if (headerLength < 0 || packet.length > MAX_PACKET_BYTES) return this.#drop('malformed');

    const ssrc = rtpSsrc(packet);
    const window = this.#rtpSources.get(ssrc);
    if (window === undefined && this.#rtpSources.size >= this.#maxSsrcs) return this.#drop('tooManySsrcs');

    const sequenceNumber = rtpSequenceNumber(packet);
    const index = window === undefined ? sequenceNumber : window.estimateIndex(sequenceNumber);
    if (window !== undefined && !window.admits(index)) return this.#drop('replayed');

    const rolloverCounter = Math.floor(index / SEQUENCE_NUMBERS);
    const length = this.#transform.unprotectRtp(packet, headerLength, rolloverCounter);
    if (length < 0) return this.#drop('unauthentic');

    if (window === undefined) this.#rtpSources.set(ssrc, new ReplayWindow(index));
    else window.accept(index);
    this.rolloverCounter = rolloverCounter;
    this.#counters.rtpReceived++;
    return length;
  }

  unprotectRtcp(packet: Uint8Array): number {
    const { rtcpOverhead, rtcpIndexFromEnd } = this.#transform;
    if (packet.length < RTCP_HEADER_BYTES + rtcpOverhead || packet.length > MAX_PACKET_BYTES || !hasVersion2(packet)) {
      return this.#drop('malformed');
    }
    const indexWord = readUint32(packet, packet.length - rtcpIndexFromEnd);
    if (indexWord <= MAX_SRTCP_INDEX) return this.#drop('malformed');

    const ssrc = rtcpSsrc(packet);
    const window = this.#rtcpSources.get(ssrc);
    if (window === undefined && this.#rtcpSources.size >= this.#maxSsrcs) return this.#drop('tooManySsrcs');

    const index = indexWord & MAX_SRTCP_INDEX;
    if (window !== undefined && !window.admits(index)) return this.#drop('replayed');

    const length = this.#transform.unprotectRtcp(packet);
    if (length < 0) return this.#drop('unauthentic');

    if (window === undefined) this.#rtcpSources.set(ssrc, new ReplayWindow(index));
    else window.accept(index);
    this.#counters.rtcpReceived++;
    return length;
  }

  #drop(reason: keyof typeof SrtpDrop): number {
    this.#counters[`${reason}Drops`]++;
    return SrtpDrop[reason];
  }
}
