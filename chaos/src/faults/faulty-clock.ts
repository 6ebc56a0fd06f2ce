import { type Clock, systemClock } from '@rtcd/boundary';

/** The system's clock, which can be made to jump. Timers fire when they would without that, as after a suspension. */
export class FaultyClock implements Clock {
  #aheadMs = 0;
  #timeOfDayAheadMs = 0;

  readonly nowMs = (): number => systemClock.nowMs() + this.#aheadMs;
  readonly unixMs = (): number => systemClock.unixMs() + this.#aheadMs + this.#timeOfDayAheadMs;
  readonly setTimer = systemClock.setTimer;
  readonly clearTimer = systemClock.clearTimer;

  jump(byMs: number): void {
    this.#aheadMs += byMs;
  }

  setTimeOfDay(byMs: number): void {
    this.#timeOfDayAheadMs += byMs;
  }
}
