/** Share of an encoding's rate that the way to the receiver has to carry. Rates are measured, and vary. */
const NEEDED_SHARE = 0.9;
/** Time from the start, or a change, until a better encoding may be tried. It grows with each change. */
const BACK_OFF_MS = 10_000;
const BACK_OFF_GROWTH = 1.5;
const MAX_BACK_OFF_MS = 120_000;

/** Chooses which encoding of a simulcast one receiver is sent: the best that its estimated bandwidth carries. */
export class LevelChoice {
  #level = 0;
  #changedMs: number | undefined;
  #backOffMs = BACK_OFF_MS;

  /**
   * Returns the index of the encoding to send. `ratesBps` has the measured rates, the smallest encoding first; one that sends nothing
   * at the moment has 0. An encoding that the bandwidth no longer carries, or that has ended, is given up at once.
   */
  choose(ratesBps: readonly number[], availableBps: number, nowMs: number): number {
    this.#changedMs ??= nowMs;
    const best = bestLevel(ratesBps, availableBps);
    if (best === undefined || best === this.#level) return this.#level;
    if (best > this.#level && nowMs - this.#changedMs < this.#backOffMs && ratesBps[this.#level] !== 0)
      return this.#level;
    this.#level = best;
    this.#changedMs = nowMs;
    this.#backOffMs = Math.min(MAX_BACK_OFF_MS, this.#backOffMs * BACK_OFF_GROWTH);
    return best;
  }
}

/** Returns the highest encoding that fits, or else the lowest that sends anything. A screen that stands still sends nothing on any: undefined. */
function bestLevel(ratesBps: readonly number[], availableBps: number): number | undefined {
  const fits = ratesBps.findLastIndex((rateBps) => rateBps > 0 && availableBps > NEEDED_SHARE * rateBps);
  const lowest = ratesBps.findIndex((rateBps) => rateBps > 0);
  if (lowest < 0) return undefined;
  return Math.max(fits, lowest);
}
