/** One-shot timers; tests supply their own. */
export interface Timers {
  /** Calls back once, not sooner than after the delay. Returns what `clearTimer` takes. */
  setTimer(callback: () => void, delayMs: number): unknown;
  /** Cancels a timer. Undefined, or one that has fired or was cleared before, is fine. */
  clearTimer(timer: unknown): void;
}

/** Monotonic time and one-shot timers; tests supply their own. */
export interface MonotonicTimers extends Timers {
  /** Monotonic milliseconds since an arbitrary start. */
  nowMs(): number;
}

/** Time and one-shot timers; tests supply their own. */
export interface Clock extends MonotonicTimers {
  /** Milliseconds since 1970. */
  unixMs(): number;
}

/** The default clock: the system's time and timers. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  unixMs: () => Date.now(),
  setTimer: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout> | undefined),
};
