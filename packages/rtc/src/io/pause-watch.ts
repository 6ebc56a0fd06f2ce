import type { Clock } from '../ports.ts';

const LOOK_EVERY_MS = 1_000;
/** A look that is late by this much was not held up by work: the process was stopped, or the machine was suspended. */
const PAUSE_MS = 1_000;
/** Time for reading all that waits in the sockets after a pause. */
const CATCH_UP_MS = 1_000;

/**
 * Notices that the process has not run for a while. Timers fire before sockets are read, so what others sent meanwhile may still wait there, or did not
 * fit. Every timer that would judge their silence looks here first.
 */
export class PauseWatch {
  readonly #clock: Clock;
  readonly #onPause: (excusedMs: number, nowMs: number) => void;
  #timer: unknown;
  #lookedMs: number;

  /** `onPause` receives the silence to be excused: the pause, and the time to catch up. */
  constructor(clock: Clock, onPause: (excusedMs: number, nowMs: number) => void) {
    this.#clock = clock;
    this.#onPause = onPause;
    this.#lookedMs = clock.nowMs();
    this.#lookLater();
  }

  look(nowMs: number): void {
    const sinceMs = nowMs - this.#lookedMs;
    this.#lookedMs = nowMs;
    if (sinceMs >= LOOK_EVERY_MS + PAUSE_MS) this.#onPause(sinceMs + CATCH_UP_MS, nowMs);
  }

  close(): void {
    this.#clock.clearTimer(this.#timer);
  }

  #lookLater(): void {
    this.#timer = this.#clock.setTimer(() => {
      this.#lookLater();
      this.look(this.#clock.nowMs());
    }, LOOK_EVERY_MS);
  }
}
