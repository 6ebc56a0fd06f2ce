export const REPLAY_WINDOW_SIZE = 64;

/**
 * Set of the last 64 records of an epoch that have arrived (RFC 6347 section 4.1.2.6). Ask before decrypting, mark
 * only what has proven authentic: otherwise a forger would move the window.
 */
export class ReplayWindow {
  #latest = -1;
  /** Bit n: the record n before the latest has come, for n below 32. */
  #newer = 0;
  /** The same for n from 32 to 63. */
  #older = 0;

  /** Reports whether a record may be processed: neither seen before nor too old to check. */
  isFresh(sequence: number): boolean {
    const age = this.#latest - sequence;
    if (age < 0) return true;
    if (age >= REPLAY_WINDOW_SIZE) return false;
    return ((age < 32 ? this.#newer : this.#older) & (1 << (age & 31))) === 0;
  }

  mark(sequence: number): void {
    if (sequence > this.#latest) {
      this.#slide(sequence - this.#latest);
      this.#latest = sequence;
    }
    const age = this.#latest - sequence;
    if (age < 32) this.#newer |= 1 << age;
    else if (age < REPLAY_WINDOW_SIZE) this.#older |= 1 << (age & 31);
  }

  #slide(count: number): void {
    if (count >= REPLAY_WINDOW_SIZE) {
      this.#newer = 0;
      this.#older = 0;
    } else if (count >= 32) {
      this.#older = this.#newer << (count - 32);
      this.#newer = 0;
    } else {
      this.#older = (this.#older << count) | (this.#newer >>> (32 - count));
      this.#newer <<= count;
    }
  }
}
