/** A packet that comes later than so many skipped ones has lost its place. Senders probe with hundreds within a round trip, and SRTP lets nothing older pass. */
const MAX_SKIPS = 1_024;

/**
 * Numbers the packets of one source as if those that are not forwarded had never been: probes that are all padding, empty packets, other
 * formats. They cannot be had again, so that a gap in their place would be taken for loss. No two packets get one number.
 */
export class PayloadNumbering {
  /** Indices of the skipped packets, ascending: a ring of the last ones. */
  readonly #skips: number[] = [];
  #skipCount = 0;
  #highestIndex = -1;

  /** Starts over with another source. */
  restart(): void {
    this.#skipCount = 0;
    this.#highestIndex = -1;
  }

  /** A packet that is not forwarded. If others behind it were numbered already, its place stays a gap. */
  skip(index: number): void {
    if (index <= this.#highestIndex) return;
    this.#highestIndex = index;
    this.#skips[this.#skipCount % MAX_SKIPS] = index;
    this.#skipCount += 1;
  }

  /** The number of a packet that is forwarded, or -1 if it is too late to place. */
  number(index: number): number {
    if (index <= this.#highestIndex) return this.#numberLate(index);
    this.#highestIndex = index;
    return index - this.#skipCount;
  }

  #numberLate(index: number): number {
    const forgotten = Math.max(0, this.#skipCount - MAX_SKIPS);
    let skippedBefore = this.#skipCount;
    while (skippedBefore > forgotten && this.#skips[(skippedBefore - 1) % MAX_SKIPS]! > index) skippedBefore -= 1;
    return skippedBefore === forgotten && forgotten > 0 ? -1 : index - skippedBefore;
  }
}
