/**
 * Continues a number of payloads over changes of its source: the first one of a source follows the furthest one that was sent. Between two
 * changes, the distance to the source's numbers is the same, and so are the distances between numbers.
 */
export class ContinuedNumber {
  readonly #cycle: number;
  #offset = 0;
  /** Number that was sent furthest ahead; -1 before the first. */
  #furthest = -1;
  #isSwitching = true;

  /** Takes how many numbers there are before they wrap. */
  constructor(cycle: number) {
    this.#cycle = cycle;
  }

  /** The next number is of another source. */
  switchSource(): void {
    this.#isSwitching = true;
  }

  /** Returns the number to send for one of the source. */
  next(number: number): number {
    if (this.#isSwitching && this.#furthest >= 0) this.#offset = this.#furthest + 1 - number;
    this.#isSwitching = false;
    const next = this.#wrap(number + this.#offset);
    if (this.#furthest < 0 || this.#wrap(next - this.#furthest) < this.#cycle / 2) this.#furthest = next;
    return next;
  }

  #wrap(value: number): number {
    return ((value % this.#cycle) + this.#cycle) % this.#cycle;
  }
}
