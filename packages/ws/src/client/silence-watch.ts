import type { Timers } from '@rtcd/boundary';
import { Timer } from '../timer.ts';

/** Looks in one silence timeout: silence is noticed at most a fifth too late. */
const LOOKS = 5;

/**
 * Notices a dead server. It watches the socket's byte counter rather than messages, so that one long message on a slow
 * line counts as life.
 */
export class SilenceWatch {
  readonly #bytesRead: () => number;
  readonly #onSilence: () => void;
  readonly #intervalMs: number;
  readonly #nextLook: Timer;
  #lastBytesRead = 0;
  #quietLooks = 0;

  constructor(timeoutMs: number, clock: Timers, bytesRead: () => number, onSilence: () => void) {
    this.#bytesRead = bytesRead;
    this.#onSilence = onSilence;
    this.#intervalMs = timeoutMs / LOOKS;
    this.#nextLook = new Timer(clock, () => this.#look());
  }

  start(): void {
    this.#lastBytesRead = this.#bytesRead();
    this.#nextLook.start(this.#intervalMs);
  }

  stop(): void {
    this.#nextLook.stop();
  }

  #look(): void {
    const bytesRead = this.#bytesRead();
    this.#quietLooks = bytesRead === this.#lastBytesRead ? this.#quietLooks + 1 : 0;
    this.#lastBytesRead = bytesRead;
    if (this.#quietLooks >= LOOKS) this.#onSilence();
    else this.#nextLook.start(this.#intervalMs);
  }
}
