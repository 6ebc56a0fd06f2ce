import type { SendStatistics } from '../../rtcp/send-statistics.ts';

/** Headers of RTP, SRTP, UDP and IP. */
const OVERHEAD_BYTES = 60;
const WINDOW_MS = 1_000;

interface Sent {
  readonly statistics: Pick<SendStatistics, 'octets' | 'packets'>;
}

/** Measures what tracks send together, by their statistics: nothing is counted with each packet. */
export class SentRate {
  #sinceMs = Number.NEGATIVE_INFINITY;
  #bytes = 0;
  #bps = 0;

  /** Returns the bits per second of about the last second, headers included. */
  measure(tracks: readonly Sent[], nowMs: number): number {
    const elapsedMs = nowMs - this.#sinceMs;
    if (elapsedMs < WINDOW_MS) return this.#bps;
    const bytes = tracks.reduce(
      (sum, { statistics: { octets, packets } }) => sum + octets + packets * OVERHEAD_BYTES,
      0,
    );
    // Less if a track has ended.
    this.#bps = Math.max(0, ((bytes - this.#bytes) * 8_000) / elapsedMs);
    this.#bytes = bytes;
    this.#sinceMs = nowMs;
    return this.#bps;
  }
}
