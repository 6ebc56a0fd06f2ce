import type { Clock } from '../ports.ts';

/**
 * Calls back at or after a deadline that moves all the time. A deadline that moves away costs nothing: the timer that is set
 * already fires early, and finds out.
 */
export class Wakeup {
  readonly #clock: Clock;
  readonly #deadline: () => number;
  readonly #onTimeout: (nowMs: number) => void;
  #timer: unknown;
  #setForMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, deadline: () => number, onTimeout: (nowMs: number) => void) {
    this.#clock = clock;
    this.#deadline = deadline;
    this.#onTimeout = onTimeout;
  }

  /** To be called whenever the deadline may have come closer. */
  arm(): void {
    const deadlineMs = this.#deadline();
    if (deadlineMs >= this.#setForMs) return;
    this.cancel();
    this.#setForMs = deadlineMs;
    // Timers count whole milliseconds, down: one more, or the deadline is not there yet.
    this.#timer = this.#clock.setTimer(() => this.#fire(), Math.max(0, Math.ceil(deadlineMs - this.#clock.nowMs())));
  }

  cancel(): void {
    this.#clock.clearTimer(this.#timer);
    this.#setForMs = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    this.#setForMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.nowMs();
    if (nowMs >= this.#deadline()) this.#onTimeout(nowMs);
    this.arm();
  }
}
