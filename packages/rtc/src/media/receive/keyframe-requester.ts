import { FrameArrivals } from './frame-arrivals.ts';

/** At most one request in this time reaches the sender, however many receivers ask. */
const INTERVAL_MS = 1_000;
/** After so many that nothing followed, the source has stopped. Each doubles the interval from then on, up to 8 s. */
const QUICK_REPEATS = 5;
const MAX_DOUBLINGS = 3;

/**
 * Decides when to ask the sender of one source for a key frame. No request is lost: it is repeated until a key frame has arrived whole
 * whose first packet came after it. A sender makes key frames of all layers at once, so one that has stopped is not asked forever at full speed.
 */
export class KeyframeRequester {
  readonly #arrivals = new FrameArrivals();
  /** Requests so far, the order in which they and frames came. */
  #requests = 0;
  /** Number of these that a key frame has answered. */
  #answered = 0;
  #lastSentMs = -INTERVAL_MS;
  /** Until then, a key frame is expected unasked. */
  #expectedMs = 0;
  /** Sent since the last request or key frame. */
  #repeats = 0;
  #sent = 0;

  /** Requests that were sent so far. */
  get sent(): number {
    return this.#sent;
  }

  /** A request is unanswered. */
  get isWaiting(): boolean {
    return this.#requests > this.#answered;
  }

  /** A receiver cannot decode: it is new, was switched to this source, sent PLI or FIR, or lost too much. */
  request(): void {
    this.#requests++;
    this.#repeats = 0;
    this.#expectedMs = 0;
  }

  /** Forgets what was asked for: no receiver needs it any more. */
  cancel(): void {
    this.#answered = this.#requests;
    this.#repeats = 0;
  }

  /** The source begins, with a key frame: asks for one only if it does not arrive. */
  expect(nowMs: number): void {
    this.#requests++;
    this.#expectedMs = nowMs + INTERVAL_MS;
  }

  /** Takes note of a packet that had not arrived before, by its index over all wraps. */
  received(index: number, timestamp: number, marker: boolean, startsKeyframe: boolean): void {
    const answered = this.#arrivals.received(index, timestamp, marker, startsKeyframe, this.#requests);
    if (answered <= this.#answered) return;
    this.#answered = answered;
    this.#repeats = 0;
  }

  /** Time when `takeDue` is next true. */
  deadline(): number {
    if (!this.isWaiting) return Number.POSITIVE_INFINITY;
    const doublings = Math.max(0, Math.min(MAX_DOUBLINGS, this.#repeats - QUICK_REPEATS));
    return Math.max(this.#expectedMs, this.#lastSentMs + INTERVAL_MS * 2 ** doublings);
  }

  /** Returns whether to ask the sender now, and takes note that it is asked. */
  takeDue(nowMs: number): boolean {
    if (nowMs < this.deadline()) return false;
    this.#lastSentMs = nowMs;
    this.#repeats++;
    this.#sent++;
    return true;
  }
}
