import { type MonotonicTimers, systemClock, TokenBucket } from '@rtcd/boundary';

/** One a second in the long run: Prometheus asks every few seconds at most. Some at once, for people who look. */
const RATE = { capacity: 10, perSecond: 1 };

/** Returns a function that does the work at a bounded rate. Callers share work that is under way, and otherwise the last result if it is too early for another. */
export function shareForAWhile<Result>(
  work: () => Promise<Result>,
  clock: Pick<MonotonicTimers, 'nowMs'> = systemClock,
): () => Promise<Result> {
  const budget = new TokenBucket(RATE, clock.nowMs());
  let shared: Promise<Result> | undefined;
  let isWorking = false;
  return () => {
    if (shared === undefined || (!isWorking && budget.take(1, clock.nowMs()))) {
      isWorking = true;
      shared = work().finally(() => {
        isWorking = false;
      });
    }
    return shared;
  };
}
