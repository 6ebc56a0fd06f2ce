import type { Clock } from '../ports.ts';

/** A clock that stands still until told to move. */
export interface FakeClock extends Clock {
  /** Milliseconds since the clock was made. */
  nowMs(): number;
  /** Moves on and runs, in order, every timer that comes due on the way, those set meanwhile included. */
  advance(byMs: number): void;
  /** Timers that are set. */
  readonly pendingTimers: number;
}

interface PendingTimer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Makes a clock that stands at 0. */
export const createFakeClock = (): FakeClock => {
  const timers = new Set<PendingTimer>();
  let nowMs = 0;
  const nextDue = (untilMs: number): PendingTimer | undefined =>
    [...timers].filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];
  return {
    nowMs: () => nowMs,
    setTimer(callback, delayMs) {
      const timer = { dueMs: nowMs + delayMs, callback };
      timers.add(timer);
      return timer;
    },
    clearTimer(timer) {
      timers.delete(timer as PendingTimer);
    },
    advance(byMs) {
      const untilMs = nowMs + byMs;
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer);
        nowMs = timer.dueMs;
        timer.callback();
      }
      nowMs = untilMs;
    },
    get pendingTimers() {
      return timers.size;
    },
  };
};
