/** Restarts longer ago than this do not count. */
const MEMORY_MS = 60_000;
const MIN_WAIT_MS = 1_000;
const MAX_WAIT_MS = 30_000;

/** Time to wait before something that has ended is started again: none for the first time, and more each time that it happens soon again. */
export class RestartPace {
  #recentMs: readonly number[] = [];

  /** Takes note of a restart, and returns the wait before it. */
  nextWaitMs(nowMs: number): number {
    const recent = this.#recentMs.filter((atMs) => nowMs - atMs < MEMORY_MS);
    this.#recentMs = [...recent, nowMs];
    return recent.length === 0 ? 0 : Math.min(MAX_WAIT_MS, MIN_WAIT_MS * 2 ** (recent.length - 1));
  }
}
