import { FrameArrivals } from './frame-arrivals.ts';

/** At most one request in this time reaches the sender, however many receivers ask. */
const INTERVAL_MS = 1_000;

/**
 * Decides when to ask the sender of one source for a key frame. No request is lost: it is repeated until a key frame has arrived whole
 * whose first packet came after it.
 */
export class KeyframeRequester {
  readonly #arrivals = new FrameArrivals();
  /** Requests so far, the order in which they and frames came. */
  #requests = 0;
  /** Of these, the ones that a key frame has answered. */
  #answered = 0;
  #lastSentMs = -INTERVAL_MS;

  /** A request is unanswered. */
  get isWaiting(): boolean {
    return this.#requests > this.#answered;
  }

  /** A receiver cannot decode: it is new, was switched to this source, sent PLI or FIR, or lost too much. */
  request(): void {
    this.#requests++;
  }

  /** Takes note of a packet that had not arrived before, by its index over all wraps. */
  received(index: number, timestamp: number, marker: boolean, startsKeyframe: boolean): void {
    const answered = this.#arrivals.received(index, timestamp, marker, startsKeyframe, this.#requests);
    if (answered > this.#answered) this.#answered = answered;
  }

  /** When `takeDue` is next true. */
  deadline(): number {
    return this.isWaiting ? this.#lastSentMs + INTERVAL_MS : Number.POSITIVE_INFINITY;
  }

  /** Returns whether to ask the sender now, and takes note that it is asked. */
  takeDue(nowMs: number): boolean {
    if (nowMs < this.deadline()) return false;
    this.#lastSentMs = nowMs;
    return true;
  }
}
