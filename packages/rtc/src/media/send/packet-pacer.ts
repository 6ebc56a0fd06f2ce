import type { DropCounts } from '../../inspect/drops.ts';
import type { BandwidthEstimator } from '../bandwidth/bandwidth-estimator.ts';
import { PacingBudget } from '../bandwidth/pacing-budget.ts';
import { BitrateMeter } from '../bitrate-meter.ts';
import { PacketQueue, type WaitingTrack } from './packet-queue.ts';

/** Bursts leave at this rate: as in libwebrtc, so that key frames do not wait long. The end of what a sender has paced itself need not be paced again. */
const PACING = { factor: 2.5, burstMs: 20 };
/**
 * Packets that are sent again have half of the estimate in the long run, so that they cannot sustain the losses that they answer. A short burst of
 * losses is repaired at once.
 */
const REPAIR_SHARE = 0.5;
const REPAIR_PACING = { factor: REPAIR_SHARE, burstMs: 250 };
/** Time over which the rate of packets that are sent again is measured. */
const REPAIR_WINDOW_MS = 2_000;
/** Packets of all videos of a receiver that may wait: a key frame of each of some. */
const MAX_PACKETS = 512;
const MAX_RETRANSMISSIONS = 256;
/** A packet that has waited for so long comes too late to be shown in time. */
const MAX_WAIT_MS = 1_000;
/** Headers of RTP, SRTP, UDP and IP. */
const OVERHEAD_BYTES = 60;

export interface PacketPacerOptions {
  readonly bandwidth: Pick<BandwidthEstimator, 'bps'>;
  readonly drops: DropCounts;
  /** A packet waits: `deadline` has changed. */
  onDeadline(): void;
}

/**
 * Spreads bursts of video towards one receiver: key frames, and packets that are sent again. A packet leaves at once while there is no burst. Others wait,
 * not as bytes but as numbers: their headers are in the log of their track, and their payloads in the history of the source. Voice never waits.
 */
export class PacketPacer {
  readonly #options: PacketPacerOptions;
  readonly #budget = new PacingBudget(PACING);
  readonly #repairBudget = new PacingBudget(REPAIR_PACING);
  readonly #repairRate = new BitrateMeter(REPAIR_WINDOW_MS);
  readonly #packets = new PacketQueue(MAX_PACKETS);
  readonly #retransmissions = new PacketQueue(MAX_RETRANSMISSIONS);

  constructor(options: PacketPacerOptions) {
    this.#options = options;
  }

  /** Packets that wait. */
  get waiting(): number {
    return this.#packets.length + this.#retransmissions.length;
  }

  /** Returns for how long the oldest packet has waited, 0 if none waits. */
  ageMs(nowMs: number): number {
    return Math.max(this.#packets.ageMs(nowMs), this.#retransmissions.ageMs(nowMs));
  }

  /** Returns what packets that are sent again leave of the estimate, in bits per second. */
  availableBps(nowMs: number): number {
    const { bps } = this.#options.bandwidth;
    return Math.max((1 - REPAIR_SHARE) * bps, bps - this.#repairRate.bitrateBps(nowMs));
  }

  /** Returns whether a packet may leave now, and then counts it as sent. */
  admits(payloadBytes: number, isRetransmission: boolean, nowMs: number): boolean {
    const queue = isRetransmission ? this.#retransmissions : this.#packets;
    if (queue.length > 0 || nowMs < this.#readyMs(isRetransmission)) return false;
    this.spend(payloadBytes, isRetransmission, nowMs);
    return true;
  }

  /** Counts a packet that leaves in any case. */
  spend(payloadBytes: number, isRetransmission: boolean, nowMs: number): void {
    const bytes = payloadBytes + OVERHEAD_BYTES;
    const { bps } = this.#options.bandwidth;
    this.#budget.spend(bytes, bps, nowMs);
    if (!isRetransmission) return;
    this.#repairBudget.spend(bytes, bps, nowMs);
    this.#repairRate.add(bytes, nowMs);
  }

  /** Takes a packet that has not been admitted, by its number in the stream of its track. Returns false if there is no room for it. */
  wait(track: WaitingTrack, index: number, isRetransmission: boolean, nowMs: number): boolean {
    const queue = isRetransmission ? this.#retransmissions : this.#packets;
    const isFirst = queue.length === 0;
    if (queue.push(track, index, nowMs)) {
      if (isFirst) this.#options.onDeadline();
      return true;
    }
    this.#options.drops.pacer_full++;
    if (isRetransmission) return false;
    this.#options.drops.pacer_full += this.#packets.forget(track);
    track.abandon();
    return false;
  }

  /** Drops what waits of a track, whose receiver continues without it. */
  outdate(track: WaitingTrack): void {
    if (this.waiting > 0) this.#options.drops.pacer_outdated += this.forget(track);
  }

  /** Lets no packet of a track leave any more, and returns how many waited: its stream has ended. */
  forget(track: WaitingTrack): number {
    return this.#packets.forget(track) + this.#retransmissions.forget(track);
  }

  deadline(): number {
    const packetsMs = this.#packets.length > 0 ? this.#readyMs(false) : Number.POSITIVE_INFINITY;
    const retransmissionsMs = this.#retransmissions.length > 0 ? this.#readyMs(true) : Number.POSITIVE_INFINITY;
    return Math.min(packetsMs, retransmissionsMs);
  }

  /** Lets packets leave that are due, those that are sent again first: other packets wait for them at the receiver. */
  timeout(nowMs: number): void {
    for (;;) {
      if (this.#retransmissions.length > 0 && nowMs >= this.#readyMs(true)) this.#next(true, nowMs);
      else if (this.#packets.length > 0 && nowMs >= this.#readyMs(false)) this.#next(false, nowMs);
      else return;
    }
  }

  #readyMs(isRetransmission: boolean): number {
    const { readyMs } = this.#budget;
    return isRetransmission ? Math.max(readyMs, this.#repairBudget.readyMs) : readyMs;
  }

  #next(isRetransmission: boolean, nowMs: number): void {
    const queue = isRetransmission ? this.#retransmissions : this.#packets;
    const { track, index, sinceMs } = queue;
    queue.shift();
    if (track === undefined) return;
    if (nowMs - sinceMs > MAX_WAIT_MS) return this.#expire(track, isRetransmission);
    const payloadBytes = track.leave(index, isRetransmission, nowMs);
    if (payloadBytes > 0) this.spend(payloadBytes, isRetransmission, nowMs);
    else this.#options.drops.pacer_not_kept++;
  }

  /** The rest of a video that waits builds on what is dropped. */
  #expire(track: WaitingTrack, isRetransmission: boolean): void {
    this.#options.drops.pacer_expired++;
    if (isRetransmission) return;
    this.#options.drops.pacer_expired += this.#packets.forget(track);
    track.abandon();
  }
}
