import type { MonotonicTimers } from '@rtcd/boundary';

/** A clock that advances only on request. */
export interface FakeClock extends MonotonicTimers {
  /** Milliseconds since the clock was made. */
  nowMs(): number;
  /** Moves on and runs, in order, every timer that comes due on the way, those set meanwhile included. */
  advance(byMs: number): void;
  /** Moves on while nothing runs, as in a stopped process: timers that came due run afterwards, those set by them do not. */
  standStill(forMs: number): void;
  /** Timers that are set. */
  readonly pendingTimers: number;
}

interface PendingTimer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Makes a clock that stands at 0. */
export function createFakeClock(): FakeClock {
  const timers = new Set<PendingTimer>();
  let nowMs = 0;
  const allDue = (untilMs: number): PendingTimer[] =>
    [...timers].filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs);
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
      for (let [timer] = allDue(untilMs); timer !== undefined; [timer] = allDue(untilMs)) {
        timers.delete(timer);
        nowMs = timer.dueMs;
        timer.callback();
      }
      nowMs = untilMs;
    },
    standStill(forMs) {
      nowMs += forMs;
      for (const timer of allDue(nowMs)) {
        if (timers.delete(timer)) timer.callback();
      }
    },
    get pendingTimers() {
      return timers.size;
    },
  };
}
