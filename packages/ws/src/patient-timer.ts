import type { Timers } from '@rtcd/boundary';
import { Timer } from './timer.ts';

/** Parts of one wait. */
const PARTS = 5;

/**
 * A deadline for the other end, which it does not miss while this process is suspended. The wait is made of parts: time in
 * which the process was stopped, or busy, uses up one of them, however long it took. After the last part, what has
 * arrived at the socket is read before the callback is called.
 */
export class PatientTimer {
  readonly #part: Timer;
  #partsLeft = 0;
  #partMs = 0;

  constructor(clock: Timers, callback: () => void) {
    this.#part = new Timer(clock, () => {
      this.#partsLeft -= 1;
      if (this.#partsLeft > 0) this.#part.start(this.#partMs);
      // Timers of Node that are set by a timer run after its sockets have been read.
      else if (this.#partsLeft === 0) this.#part.start(0);
      else callback();
    });
  }

  get isRunning(): boolean {
    return this.#part.isRunning;
  }

  /** (Re)starts: fires once, `delayMs` of running from now. */
  start(delayMs: number): void {
    this.#partsLeft = PARTS;
    this.#partMs = delayMs / PARTS;
    this.#part.start(this.#partMs);
  }

  stop(): void {
    this.#part.stop();
  }
}
