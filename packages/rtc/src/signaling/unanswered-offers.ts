import type { RemoteDescription } from '../sdp/description.ts';
import type { Sections } from './sections.ts';

/** Our offers that the peer has not answered. An answer does not identify its offer. */
export class UnansweredOffers {
  readonly #sections: Sections;
  #isOut = false;
  /** Number of answers up to and including the one to our last offer. Too high once an answer was lost. */
  #awaitedAnswers = 0;
  /** The peer answers a section that we rejected like any other, as aiortc and libdatachannel do. */
  #overlooksRejections = false;
  /** An answer to the pending offer was unclear. */
  #isUnclear = false;

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
    this.#isUnclear = false;
  }

  /** The peer's own offer counts instead. Answers to ours mean nothing now. */
  overruled(): void {
    this.#isOut = false;
    this.#isUnclear = false;
    this.#awaitedAnswers = 0;
  }

  /**
   * Returns the meaning of an answer. One that does not reject what we rejected may belong to an earlier offer, unless no other answer is awaited. Even then,
   * it is unclear at first: that earlier offer may have arrived twice. A peer that overlooks rejections does so again.
   */
  judge(answer: RemoteDescription, isCopy: boolean): 'match' | 'unclear' | 'stray' {
    const hasSections = this.#isOut && this.#sections.hasSections(answer);
    const isExact = hasSections && this.#sections.isAnswer(answer);
    if (!isExact && isCopy) return 'stray';
    this.#awaitedAnswers = Math.max(0, this.#awaitedAnswers - 1);
    if (!hasSections) return 'stray';
    const { isClosing } = this.#sections;
    if (isExact) {
      if (isClosing) this.#overlooksRejections = false;
      return 'match';
    }
    if (this.#overlooksRejections) return 'match';
    if (this.#awaitedAnswers > 0) return 'stray';
    if (isClosing && !this.#isUnclear) {
      this.#isUnclear = true;
      return 'unclear';
    }
    this.#overlooksRejections = true;
    return 'match';
  }
}
