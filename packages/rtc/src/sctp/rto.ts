// Retransmission timeout, RFC 9260 section 6.3.1.

const RTO_INITIAL_MS = 1000;
// Below the RFC's second: browsers delay a SACK by at most 200 ms, and a lost signaling message should not cost a second.
const RTO_MIN_MS = 400;
// Below the RFC's minute: ICE gives up a path after 30 s, and one that recovers before should be used soon.
const RTO_MAX_MS = 4000;
const ALPHA = 1 / 8;
const BETA = 1 / 4;

/** Estimates the round-trip time and returns how long to wait for an acknowledgment. */
export class RetransmissionTimeout {
  #smoothedMs = 0;
  #variationMs = 0;
  #estimateMs = RTO_INITIAL_MS;
  #timeoutMs = RTO_INITIAL_MS;

  /** Current timeout. */
  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  /** Smoothed round-trip time; 0 before the first measurement. */
  get smoothedMs(): number {
    return this.#smoothedMs;
  }

  measured(rttMs: number): void {
    const first = this.#smoothedMs === 0;
    this.#variationMs = first ? rttMs / 2 : (1 - BETA) * this.#variationMs + BETA * Math.abs(this.#smoothedMs - rttMs);
    this.#smoothedMs = first ? rttMs : (1 - ALPHA) * this.#smoothedMs + ALPHA * rttMs;
    this.#estimateMs = Math.min(Math.max(this.#smoothedMs + 4 * this.#variationMs, RTO_MIN_MS), RTO_MAX_MS);
    this.#timeoutMs = this.#estimateMs;
  }

  /**
   * The peer has acknowledged more: the path works, so the doubling ends. TCP does the same (RFC 6298 section 5.7 and what
   * stacks make of it); to wait for a measurement, as RFC 9260 does, costs many seconds when most of a message was lost.
   */
  progressed(): void {
    this.#timeoutMs = this.#estimateMs;
  }

  /** Doubles the wait after a timeout. */
  backOff(): void {
    this.#timeoutMs = Math.min(this.#timeoutMs * 2, RTO_MAX_MS);
  }
}
