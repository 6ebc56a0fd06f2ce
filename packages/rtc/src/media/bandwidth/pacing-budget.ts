/** Rate at which bursts leave, in terms of the estimate: as in libwebrtc, so that key frames do not wait long. */
const PACING_FACTOR = 2.5;
/** Time's worth of packets that leave together: the end of what a sender has paced itself need not be paced again. */
const BURST_MS = 20;

/** Decides when the next packet to one receiver may leave: at once, unless it has been sent a burst. */
export class PacingBudget {
  /** Time at which all that was sent would have left at the pacing rate. */
  #clearMs = 0;

  /** Time from which on a packet may leave. */
  get readyMs(): number {
    return this.#clearMs - BURST_MS;
  }

  /** Takes note of bytes that leave, on a way that is estimated to carry `estimateBps`. */
  spend(bytes: number, estimateBps: number, nowMs: number): void {
    this.#clearMs = Math.max(this.#clearMs, nowMs) + (bytes * 8_000) / (PACING_FACTOR * estimateBps);
  }
}
