/** Bounds on what one receiver is sent. */
export interface PacingLimits {
  /** Rate at which bursts leave, in terms of the estimate. */
  readonly factor: number;
  /** Time's worth of packets, at that rate, that leave together. */
  readonly burstMs: number;
}

/** Decides when the next packet to one receiver may leave: at once, unless it has been sent a burst. */
export class PacingBudget {
  readonly #limits: PacingLimits;
  /** Time at which all that was sent would have left at the pacing rate. */
  #clearMs = 0;

  constructor(limits: PacingLimits) {
    this.#limits = limits;
  }

  /** Time from which on a packet may leave. */
  get readyMs(): number {
    return this.#clearMs - this.#limits.burstMs;
  }

  /** Takes note of bytes that leave, on a way that is estimated to carry `estimateBps`. */
  spend(bytes: number, estimateBps: number, nowMs: number): void {
    this.#clearMs = Math.max(this.#clearMs, nowMs) + (bytes * 8_000) / (this.#limits.factor * estimateBps);
  }
}
