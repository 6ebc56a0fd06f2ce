/** Rate of a `TokenBucket`, and how much of it may be used at once. */
export interface TokenRate {
  /** The balance of a sender that has been idle. */
  readonly capacity: number;
  readonly perSecond: number;
}

/**
 * The share that one sender has of something, as a balance that refills at a steady rate. It can run into debt, since the cost of some work
 * is known only once it has been done. Allocates nothing after its creation.
 */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perMs: number;
  #balance: number;
  #refilledMs: number;

  constructor({ capacity, perSecond }: TokenRate, nowMs: number) {
    this.#capacity = capacity;
    this.#perMs = perSecond / 1000;
    this.#balance = capacity;
    this.#refilledMs = nowMs;
  }

  /** Takes an amount, into debt if there is not enough. */
  charge(amount: number): void {
    this.#balance -= amount;
  }

  /** Takes an amount if there is enough. */
  take(amount: number, nowMs: number): boolean {
    this.#refill(nowMs);
    if (this.#balance < amount) return false;
    this.#balance -= amount;
    return true;
  }

  /** Milliseconds until the debt is paid; 0 if there is none. */
  debtMs(nowMs: number): number {
    this.#refill(nowMs);
    return Math.max(0, -this.#balance / this.#perMs);
  }

  /** True if the sender has used nothing lately, so that a new bucket would be the same. */
  isFull(nowMs: number): boolean {
    this.#refill(nowMs);
    return this.#balance === this.#capacity;
  }

  #refill(nowMs: number): void {
    this.#balance = Math.min(this.#capacity, this.#balance + (nowMs - this.#refilledMs) * this.#perMs);
    this.#refilledMs = nowMs;
  }
}
