/** Source of a simulation's time. */
export interface Scheduler {
  /** Milliseconds, from any start. */
  now(): number;
  /** Calls back once, `delayMs` from now; callbacks with equal delays keep their order. */
  setTimeout(callback: () => void, delayMs: number): unknown;
}

/** The global timers, looked up at each call, so that fake ones installed meanwhile are used. */
export const globalScheduler: Scheduler = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
};
