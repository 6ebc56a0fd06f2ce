import type { RemoteDescription } from '../sdp/description.ts';
import type { Sections } from './sections.ts';

/** Our offers that the peer has not answered. An answer does not say which of them it belongs to. */
export class UnansweredOffers {
  readonly #sections: Sections;
  #isOut = false;
  /** Number of answers up to and including the one to our last offer. Too high once an answer was lost. */
  #awaitedAnswers = 0;
  /** The peer answers a section that we rejected like any other, as aiortc and libdatachannel do. */
  #overlooksRejections = false;

  constructor(sections: Sections) {
    this.#sections = sections;
  }

  /** The peer may have an offer of ours, now or soon, that it has not answered. */
  get isOut(): boolean {
    return this.#isOut;
  }

  /** An offer leaves, for the first time or again. */
  sent(): void {
    this.#isOut = true;
    this.#awaitedAnswers += 1;
  }

  /** The answer to the last offer was applied. */
  answered(): void {
    this.#isOut = false;
  }

  /** The peer's own offer counts instead. Answers to ours mean nothing now. */
  overruled(): void {
    this.#isOut = false;
    this.#awaitedAnswers = 0;
  }

  /**
   * Returns whether an answer is one to the pending offer. An answer that does not reject what we rejected may belong to an earlier offer,
   * unless no other answer is awaited.
   */
  isAnswer(answer: RemoteDescription, isCopy: boolean): boolean {
    const hasSections = this.#isOut && this.#sections.hasSections(answer);
    const isExact = hasSections && this.#sections.isAnswer(answer);
    if (!isExact && isCopy) return false;
    this.#awaitedAnswers = Math.max(0, this.#awaitedAnswers - 1);
    if (!hasSections) return false;
    if (isExact && this.#sections.isClosing) this.#overlooksRejections = false;
    else if (!isExact && this.#awaitedAnswers === 0) this.#overlooksRejections = true;
    return isExact || this.#overlooksRejections;
  }
}
