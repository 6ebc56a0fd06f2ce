import { AuthError } from './errors.ts';
import { FairQueue, type Origin } from './fair-queue.ts';
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

/** Starts work one by one, evenly spaced: sources take turns, and so do the clients of one source. */
export interface Throttle {
  /**
   * Does the work when its turn comes. Rejects with `throttled` if that takes longer than `maxWaitMs`, or at once if there is no room:
   * `operationsPerSecond * maxWaitMs / 1000` can wait, and of more, those go whose origin has most.
   */
  run<T>(origin: Origin, work: () => Promise<T>): Promise<T>;
  /** Number of operations waiting. */
  readonly waiting: number;
}

interface Waiting {
  start(): void;
  refuse(): void;
}

export function createThrottle(options: ThrottleOptions, clock: MonotonicClock): Throttle {
  const { operationsPerSecond, maxWaitMs, maxConcurrent = Number.POSITIVE_INFINITY } = options;
  const intervalMs = 1000 / operationsPerSecond;
  const queue = new FairQueue<Waiting>();
  let nextStartAtMs = Number.NEGATIVE_INFINITY;
  let running = 0;
  let timer: NodeJS.Timeout | undefined;

  function startDue(): void {
    clearTimeout(timer);
    while (queue.size > 0) {
      const nowMs = clock.nowMs();
      if (running >= maxConcurrent) return;
      if (nowMs < nextStartAtMs) {
        timer = setTimeout(startDue, Math.ceil(nextStartAtMs - nowMs));
        return;
      }
      // Timers are late by fractions; a turn missed by more than a whole interval is not made up for.
      nextStartAtMs = (nowMs - nextStartAtMs < intervalMs ? nextStartAtMs : nowMs) + intervalMs;
      running++;
      queue.shift()?.start();
    }
  }

  function waitForTurn(origin: Origin): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        start() {
          clearTimeout(limit);
          resolve();
        },
        refuse() {
          clearTimeout(limit);
          queue.delete(waiting);
          reject(new AuthError('throttled', 'too many requests at once, try again later'));
        },
      };
      // A little grace, so that a turn that is due at the very end of the wait is not lost to the order of two timers.
      const limit = setTimeout(waiting.refuse, maxWaitMs + intervalMs);
      const expectedWaitMs = Math.max(0, nextStartAtMs - clock.nowMs()) + queue.size * intervalMs;
      if (expectedWaitMs > maxWaitMs) {
        const surplus = queue.surplusOver(origin) ?? waiting;
        surplus.refuse();
        if (surplus === waiting) return;
      }
      queue.add(waiting, origin);
      startDue();
    });
  }

  return {
    get waiting() {
      return queue.size;
    },
    async run(origin, work) {
      await waitForTurn(origin);
      try {
        return await work();
      } finally {
        running--;
        startDue();
      }
    },
  };
}
