// In bytes of text read, which is what the work behind a message grows with.
const CAPACITY = 2 << 20;
const PER_SECOND = 256 << 10;
/** Balance at which a peer that has spent all is heard again: a second's worth, so that a flood turns into one log line a second. */
const RESUMES_AT = PER_SECOND;

/** Charge for any message: reading it, and the reply. */
const MESSAGE = 256;
/** Charge for a message that is refused: what it took until then, at most, and a line in the log. Four a second, and 32 at once. */
const REFUSAL = 64 << 10;
/** Charge for an offer that is accepted, which may make every session in the call negotiate. Two a second, and 16 at once. */
const OFFER = 128 << 10;

export type Admission = 'admitted' | 'exhausted' | 'still_exhausted';

/**
 * Bounds what one peer can have us do by its messages, on whichever way they come: a token bucket. What a message costs is known
 * when it has been dealt with, so the bucket may run into debt. A description is charged before it is read. Answers to our offers are free: we
 * asked.
 */
export class PeerAllowance {
  #left = CAPACITY;
  #refilledMs: number;
  #isExhausted = false;

  constructor(nowMs: number) {
    this.#refilledMs = nowMs;
  }

  /** Reports whether to read another message. */
  admit(nowMs: number): Admission {
    this.#left = Math.min(CAPACITY, this.#left + ((nowMs - this.#refilledMs) * PER_SECOND) / 1000);
    this.#refilledMs = nowMs;
    const wasExhausted = this.#isExhausted;
    this.#isExhausted = this.#left < (wasExhausted ? RESUMES_AT : 0);
    if (!this.#isExhausted) return 'admitted';
    return wasExhausted ? 'still_exhausted' : 'exhausted';
  }

  chargeMessage(sizeBytes: number): void {
    this.#left -= MESSAGE + sizeBytes;
  }

  chargeRefusal(): void {
    this.#left -= REFUSAL;
  }

  /** A description of this size is about to be read. */
  chargeDescription(sizeBytes: number): void {
    this.#left -= sizeBytes;
  }

  chargeOffer(): void {
    this.#left -= OFFER;
  }

  /** The description was an answer that completes an offer of ours. */
  refundAnswer(characters: number): void {
    this.#left = Math.min(CAPACITY, this.#left + characters);
  }
}
