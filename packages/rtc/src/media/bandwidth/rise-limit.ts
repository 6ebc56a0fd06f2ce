/** Time after a fall in which nothing rises. It grows with each fall that a rise has caused. */
const WAIT_MS = 10_000;
const WAIT_GROWTH = 2;
const MAX_WAIT_MS = 240_000;
/** A fall so soon after a rise was caused by it. */
const CAUSED_MS = 30_000;
/** Time between promotions: members who take turns quickly do not take the bandwidth from each other with each word. */
const PROMOTION_INTERVAL_MS = 3_000;

/**
 * Limits how often the videos of one receiver rise, together. A path is too narrow for their sum, so after one of them has failed, the others
 * would fail in turn.
 */
export class RiseLimit {
  #fellMs = Number.NEGATIVE_INFINITY;
  #roseMs = Number.NEGATIVE_INFINITY;
  #promotedMs = Number.NEGATIVE_INFINITY;
  #waitMs = WAIT_MS;

  mayRise(nowMs: number): boolean {
    return nowMs - this.#fellMs >= this.#waitMs;
  }

  /** Returns whether a video that has become more important may take at once what others are sent. */
  mayPromote(nowMs: number): boolean {
    return nowMs - this.#promotedMs >= PROMOTION_INTERVAL_MS;
  }

  /** A video is sent more in place of others, which says nothing about their sum. */
  promoted(nowMs: number): void {
    this.#promotedMs = nowMs;
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
