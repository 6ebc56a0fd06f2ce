import { AuthError } from './errors.ts';
import type { Clock } from './ports.ts';

/** How much hash work is let through, and how long it may wait for its turn. */
export interface ThrottleOptions {
  readonly operationsPerSecond: number;
  /** The only burst there is: after a rest, one operation starts at once. */
  readonly burst: 1;
  readonly maxWaitMs: number;
}

/** Lets callers through one by one, evenly spaced. */
export interface Throttle {
  /**
   * Resolves at the caller's turn, in order of arrival. Rejects at once with `throttled` if the turn would come later
   * than `maxWaitMs` from now, so that the queue never holds more than `operationsPerSecond * maxWaitMs / 1000` callers.
   */
  turn(): Promise<void>;
  /** Callers waiting now. */
  readonly waiting: number;
}

export function createThrottle(options: ThrottleOptions, clock: Clock): Throttle {
  const intervalMs = 1000 / options.operationsPerSecond;
  let nextTurnAtMs = Number.NEGATIVE_INFINITY;
  let waiting = 0;

  return {
    get waiting() {
      return waiting;
    },
    async turn() {
      const nowMs = clock.now();
      const turnAtMs = Math.max(nowMs, nextTurnAtMs);
      const waitMs = turnAtMs - nowMs;
      if (waitMs > options.maxWaitMs) {
        throw new AuthError('throttled', 'too many requests at once, try again later');
      }
      nextTurnAtMs = turnAtMs + intervalMs;
      if (waitMs === 0) {
        return;
      }
      waiting++;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      waiting--;
    },
  };
}
