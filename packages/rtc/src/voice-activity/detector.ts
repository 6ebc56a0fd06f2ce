/** Levels evaluated together: a second of Opus in 20 ms packets. */
const WINDOW = 50;
/** Standard deviations, in dB. */
const ON_ABOVE = 10;
const OFF_BELOW = 4;
const MIN_ON_MS = 2_000;

/** Without the bit by which the sender gives its own opinion (RFC 6464 section 3). */
const LEVEL_MASK = 0x7f;

/**
 * Hears from the audio levels that packets carry whether the sender speaks. Not how loud it is counts but how much it
 * changes: speech rises and falls, a fan does not. In between the two thresholds all stays as it is.
 */
export class VoiceActivityDetector {
  readonly #levels = new Uint8Array(WINDOW);
  #count = 0;
  #next = 0;
  #sum = 0;
  #sumOfSquares = 0;
  #activatedMs = 0;
  #active = false;

  get isActive(): boolean {
    return this.#active;
  }

  /** The byte of a packet's audio level extension. Returns whether there is voice, which only a whole window can change. */
  push(level: number, nowMs: number): boolean {
    const added = level & LEVEL_MASK;
    const removed = this.#levels[this.#next]!;
    this.#levels[this.#next] = added;
    this.#next = (this.#next + 1) % WINDOW;
    this.#sum += added - removed;
    this.#sumOfSquares += added * added - removed * removed;
    if (this.#count < WINDOW) this.#count++;
    if (this.#count === WINDOW) this.#decide(nowMs);
    return this.#active;
  }

  /** No voice, and no history: after mute, earlier speech must not count. */
  reset(): void {
    this.#levels.fill(0);
    this.#count = this.#next = this.#sum = this.#sumOfSquares = 0;
    this.#active = false;
  }

  #decide(nowMs: number): void {
    const variance = (this.#sumOfSquares - (this.#sum * this.#sum) / WINDOW) / (WINDOW - 1);
    if (!this.#active && variance > ON_ABOVE ** 2) {
      this.#active = true;
      this.#activatedMs = nowMs;
    } else if (this.#active && variance < OFF_BELOW ** 2 && nowMs - this.#activatedMs >= MIN_ON_MS) {
      this.#active = false;
    }
  }
}
