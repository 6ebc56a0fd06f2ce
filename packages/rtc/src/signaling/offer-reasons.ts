/** Reasons to offer the sections though no other track is wanted: an offer is not completed, or the peer's state is in doubt. */
export class OfferReasons {
  /** The sections have to be offered. */
  #isOutdated = false;
  /** Something contradicted the exchange under way: it has to be made once more. */
  #isDoubtful = false;
  /** The exchange under way is the repetition of a doubtful one, and is not repeated in turn. */
  #isSecondLook = false;

  get isOutdated(): boolean {
    return this.#isOutdated;
  }

  /** The sections are outdated until an answer completes their offer. */
  outdate(): void {
    this.#isOutdated = true;
  }

  /** The exchange under way was contradicted. */
  doubt(): void {
    this.#isDoubtful = true;
  }

  /** An answer was applied. `hasNext`: another offer is under way already, so that the sections stay outdated. */
  answered(hasNext: boolean): void {
    this.#isOutdated = hasNext || (this.#isDoubtful && !this.#isSecondLook);
    this.#isSecondLook = this.#isOutdated;
    this.#isDoubtful = false;
  }
}
