/** Side that may renegotiate: the peer, or the SFU. */
export type LockHolder = 'peer' | 'sfu';

// Longer than any negotiation may take, so that only the lock of a peer that went away runs out.
const PEER_HOLD_LIMIT_MS = 10_000;

/**
 * The contract's signaling lock: one holder at a time, so that both sides' renegotiations follow one another.
 * A peer that takes it and vanishes loses it after 10 s.
 */
export class SignalingLock {
  #holder: LockHolder | undefined;
  #heldSinceMs = 0;

  /**
   * Answers at once. Refuses a holder that asks again: web clients ask for two negotiations in a row, and the end of the first would free
   * what the second relies on.
   */
  take(holder: LockHolder, nowMs: number): boolean {
    if (this.#holder !== undefined && nowMs < this.deadline()) return false;
    this.#holder = holder;
    this.#heldSinceMs = nowMs;
    return true;
  }

  /** Returns how long it was held, in milliseconds, or undefined if `holder` did not hold it. */
  release(holder: LockHolder, nowMs: number): number | undefined {
    if (this.#holder !== holder) return undefined;
    this.#holder = undefined;
    return nowMs - this.#heldSinceMs;
  }

  /** Time when a peer's hold runs out. The SFU's own hold ends with its negotiation, which has limits of its own. */
  deadline(): number {
    return this.#holder === 'peer' ? this.#heldSinceMs + PEER_HOLD_LIMIT_MS : Number.POSITIVE_INFINITY;
  }
}
