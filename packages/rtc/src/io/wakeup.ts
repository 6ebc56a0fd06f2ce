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
    const nowMs = this.#clock.nowMs();
    this.#timer = this.#clock.setTimer(
      () => this.#fire(),
      Math.max(0, Math.ceil(graduated(deadlineMs, nowMs) - nowMs)),
    );
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

/** Milliseconds, so that timers which count them whole and down are not early. */
const GRADUATIONS = [50, 20, 10, 5, 2, 1];

/**
 * A deadline rounded up by no more than an eighth of what is left until then, and 50 ms, to where others meet: the timers of a
 * thousand sessions then wake the process twenty times a second instead of a thousand.
 */
function graduated(deadlineMs: number, nowMs: number): number {
  const step = GRADUATIONS.find((graduation) => graduation <= (deadlineMs - nowMs) / 8) ?? 1;
  return Math.ceil(deadlineMs / step) * step;
}
