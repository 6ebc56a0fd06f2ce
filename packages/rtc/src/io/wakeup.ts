import type { Clock } from '../ports.ts';

/** A timer that is late by this much was not held up by work: the process was stopped, or the machine was suspended. */
export const PAUSE_MS = 2_000;
/** Time for reading all that waits in the sockets after a pause. */
export const CATCH_UP_MS = 1_000;

export interface WakeupOwner {
  /** Time of the next call of `timeout`; Infinity if there is none. */
  deadline(): number;
  timeout(nowMs: number): void;
  /**
   * The process has not run for long. Timers fire before sockets are read, so what others sent meanwhile may still wait there, or did not fit. Their
   * silence should be excused for `excusedMs`: the pause, and the time to catch up. Called before `timeout`.
   */
  excuse(excusedMs: number, nowMs: number): void;
}

/**
 * Calls back at or after a deadline that moves all the time. A deadline that moves away costs nothing: the timer that is set
 * already fires early, and finds out.
 */
export class Wakeup {
  readonly #clock: Clock;
  readonly #owner: WakeupOwner;
  #timer: unknown;
  #setForMs = Number.POSITIVE_INFINITY;
  /** Time when the timer fires if the process runs. */
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, owner: WakeupOwner) {
    this.#clock = clock;
    this.#owner = owner;
  }

  /** To be called whenever the deadline may have come closer. */
  arm(): void {
    const deadlineMs = this.#owner.deadline();
    if (deadlineMs >= this.#setForMs) return;
    this.cancel();
    this.#setForMs = deadlineMs;
    const nowMs = this.#clock.nowMs();
    const delayMs = Math.max(0, Math.ceil(graduated(deadlineMs, nowMs) - nowMs));
    this.#dueMs = nowMs + delayMs;
    this.#timer = this.#clock.setTimer(() => this.#fire(), delayMs);
  }

  cancel(): void {
    this.#clock.clearTimer(this.#timer);
    this.#setForMs = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    this.#setForMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.nowMs();
    const lateMs = nowMs - this.#dueMs;
    if (lateMs >= PAUSE_MS) this.#owner.excuse(lateMs + CATCH_UP_MS, nowMs);
    if (nowMs >= this.#owner.deadline()) this.#owner.timeout(nowMs);
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
