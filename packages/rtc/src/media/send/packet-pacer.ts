import type { DropCounts } from '../../inspect/drops.ts';
import type { BandwidthEstimator } from '../bandwidth/bandwidth-estimator.ts';
import { PacingBudget } from '../bandwidth/pacing-budget.ts';
import { PacketQueue, type WaitingTrack } from './packet-queue.ts';

/** Packets of all videos of a receiver that may wait: a key frame of each of some. */
const MAX_PACKETS = 512;
const MAX_RETRANSMISSIONS = 256;
/** A packet that has waited for so long comes too late to be shown in time. */
const MAX_WAIT_MS = 1_000;
/** Headers of RTP, SRTP, UDP and IP. */
const OVERHEAD_BYTES = 60;

export interface PacketPacerOptions {
  readonly bandwidth: BandwidthEstimator;
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
  readonly #budget = new PacingBudget();
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

  /** Returns whether a packet may leave now, and then counts it as sent. */
  admits(payloadBytes: number, nowMs: number): boolean {
    if (this.waiting > 0 || nowMs < this.#budget.readyMs) return false;
    this.spend(payloadBytes, nowMs);
    return true;
  }

  /** Counts a packet that leaves in any case. */
  spend(payloadBytes: number, nowMs: number): void {
    this.#budget.spend(payloadBytes + OVERHEAD_BYTES, this.#options.bandwidth.bps, nowMs);
  }

  /** Takes a packet that has not been admitted, by its number in the stream of its track. */
  wait(track: WaitingTrack, index: number, isRetransmission: boolean, nowMs: number): void {
    const queue = isRetransmission ? this.#retransmissions : this.#packets;
    const isFirst = this.waiting === 0;
    if (queue.push(track, index, nowMs)) {
      if (isFirst) this.#options.onDeadline();
    } else if (isRetransmission) this.#options.drops.pacer_full++;
    else {
      this.#options.drops.pacer_full += 1 + this.#packets.forget(track);
      track.abandon();
    }
  }

  /** Lets no packet of a track leave any more: its stream has ended. */
  forget(track: WaitingTrack): void {
    this.#packets.forget(track);
    this.#retransmissions.forget(track);
  }

  deadline(): number {
    return this.waiting > 0 ? this.#budget.readyMs : Number.POSITIVE_INFINITY;
  }

  /** Lets packets leave that are due, those that are sent again first: other packets wait for them at the receiver. */
  timeout(nowMs: number): void {
    while (this.waiting > 0 && nowMs >= this.#budget.readyMs) this.#next(nowMs);
  }

  #next(nowMs: number): void {
    const isRetransmission = this.#retransmissions.length > 0;
    const queue = isRetransmission ? this.#retransmissions : this.#packets;
    const { track, index, sinceMs } = queue;
    queue.shift();
    if (track === undefined) return;
    if (nowMs - sinceMs > MAX_WAIT_MS) return this.#expire(track, isRetransmission);
    const payloadBytes = track.leave(index, isRetransmission, nowMs);
    if (payloadBytes > 0) this.spend(payloadBytes, nowMs);
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
