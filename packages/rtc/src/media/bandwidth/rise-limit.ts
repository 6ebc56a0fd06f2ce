/** Time after a fall in which nothing rises. It grows with each fall that a rise has caused. */
const WAIT_MS = 10_000;
const WAIT_GROWTH = 1.5;
const MAX_WAIT_MS = 240_000;
/** A fall so soon after a rise was caused by it. */
const CAUSED_MS = 30_000;

/**
 * Limits how often the videos of one receiver rise, together. A path is too narrow for their sum, so after one of them has failed, the others
 * would fail in turn.
 */
export class RiseLimit {
  #fellMs = Number.NEGATIVE_INFINITY;
  #roseMs = Number.NEGATIVE_INFINITY;
  #waitMs = WAIT_MS;

  mayRise(nowMs: number): boolean {
    return nowMs - this.#fellMs >= this.#waitMs;
  }

  /** A video is sent more. */
  rose(nowMs: number): void {
    this.#roseMs = nowMs;
  }

  /** A video is sent less, for lack of bandwidth. */
  fell(nowMs: number): void {
    if (nowMs - this.#roseMs < CAUSED_MS) this.#waitMs = Math.min(MAX_WAIT_MS, this.#waitMs * WAIT_GROWTH);
    // One rise has one consequence, whatever the number of videos.
    this.#roseMs = Number.NEGATIVE_INFINITY;
    this.#fellMs = nowMs;
  }
}
