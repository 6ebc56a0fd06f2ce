/**
 * Sections in offers, per millisecond of time. One costs the SFU some 8 µs, its share of the answer included, so that a call in which
 * there is always something new takes half of a CPU core, and no more.
 */
const SECTIONS_PER_MS = 60;
/** Who would wait no longer than this need not wait. */
const SLACK_MS = 10;

/**
 * Spreads the offers of a call over time. Each names all that its receiver is sent, and each change concerns everybody: that is n² sections,
 * a second's work and more in a call of 500, in which no packet would be forwarded. In a call of 20 nobody notices; at 100 the last one hears of a
 * change after 0.2 s, at 500 after 4 s. What changes while somebody waits goes into the same offer.
 */
export class OfferPacer {
  #busyUntilMs = Number.NEGATIVE_INFINITY;

  /** When an offer of so many sections may be made: at once, or when its turn comes, which is reserved with this. */
  reserve(sections: number, nowMs: number): number {
    const startMs = Math.max(nowMs, this.#busyUntilMs);
    this.#busyUntilMs = startMs + sections / SECTIONS_PER_MS;
    return startMs - nowMs <= SLACK_MS ? nowMs : startMs;
  }
}
