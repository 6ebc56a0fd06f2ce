import { AuthError } from './errors.ts';
import type { MonotonicClock } from './ports.ts';

/** Limits on hash work: its rate, and how long an operation may wait. */
export interface ThrottleOptions {
  readonly operationsPerSecond: number;
  /** The only burst there is: after a rest, one operation starts at once. */
  readonly burst: 1;
  readonly maxWaitMs: number;
  /**
   * Operations under way at a time. Where each takes longer than the rate allows for, starting more would only make all of
   * them slower. Default: no limit.
   */
  readonly maxConcurrent?: number | undefined;
}

/** Starts work one by one, evenly spaced, in order of arrival. */
export interface Throttle {
  /**
   * Does the work when its turn comes. Rejects with `throttled` if that takes longer than `maxWaitMs`; at once, if it can be
   * told beforehand: no more than `operationsPerSecond * maxWaitMs / 1000` ever wait.
   */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Number of operations waiting. */
  readonly waiting: number;
}

export function createThrottle(options: ThrottleOptions, clock: MonotonicClock): Throttle {
  const { operationsPerSecond, maxWaitMs, maxConcurrent = Number.POSITIVE_INFINITY } = options;
  const intervalMs = 1000 / operationsPerSecond;
  const queue = new Set<() => void>();
  let nextStartAtMs = Number.NEGATIVE_INFINITY;
  let running = 0;
  let timer: NodeJS.Timeout | undefined;

  function startDue(): void {
    clearTimeout(timer);
    for (const start of queue) {
      const nowMs = clock.nowMs();
      if (running >= maxConcurrent) return;
      if (nowMs < nextStartAtMs) {
        timer = setTimeout(startDue, Math.ceil(nextStartAtMs - nowMs));
        return;
      }
      queue.delete(start);
      // Timers are late by fractions; a turn missed by more than a whole interval is not made up for.
      nextStartAtMs = (nowMs - nextStartAtMs < intervalMs ? nextStartAtMs : nowMs) + intervalMs;
      running++;
      start();
    }
  }

  function waitForTurn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = () => {
        queue.delete(start);
        reject(new AuthError('throttled', 'too many requests at once, try again later'));
      };
      const start = () => {
        clearTimeout(limit);
        resolve();
      };
      const expectedWaitMs = Math.max(0, nextStartAtMs - clock.nowMs()) + queue.size * intervalMs;
      if (expectedWaitMs > maxWaitMs) {
        refuse();
        return;
      }
      // A little grace, so that a turn that is due at the very end of the wait is not lost to the order of two timers.
      const limit = setTimeout(refuse, maxWaitMs + intervalMs);
      queue.add(start);
      startDue();
    });
  }

  return {
    get waiting() {
      return queue.size;
    },
    async run(work) {
      await waitForTurn();
      try {
        return await work();
      } finally {
        running--;
        startDue();
      }
    },
  };
}
