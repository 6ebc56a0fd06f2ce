import { type Timers, textOf } from '@rtcd/boundary';
import { RtcdClientError } from './errors.ts';

/** The longest wait between two attempts to reconnect. */
const MAX_WAIT_MS = 30_000;

/** The wait before the n-th attempt (from 1) grows by the interval each time, up to 30 s. */
export function reconnectWaitMs(attempt: number, intervalMs: number): number {
  return Math.min(attempt * intervalMs, MAX_WAIT_MS);
}

/** Rejects with a RtcdClientError `aborted` if the signal fires first. */
export function wait(clock: Timers, delayMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (signal.aborted) {
    reject(aborted(signal));
    return promise;
  }
  const timer = clock.setTimer(() => {
    signal.removeEventListener('abort', onAbort);
    resolve();
  }, delayMs);
  const onAbort = () => {
    clock.clearTimer(timer);
    reject(aborted(signal));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return promise;
}

/** Runs something that must end in time; the signal it gets fires when it does not, or when `signal` does. */
export async function withDeadline<T>(
  clock: Timers,
  limitMs: number,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = clock.setTimer(() => deadline.abort(new Error(`no response within ${limitMs} ms`)), limitMs);
  try {
    return await run(AbortSignal.any([signal, deadline.signal]));
  } finally {
    clock.clearTimer(timer);
  }
}

/** Returns the reason of a signal: itself if it is a RtcdClientError, else wrapped in a RtcdClientError `aborted`. */
export function aborted(signal: AbortSignal): RtcdClientError {
  const { reason } = signal;
  return reason instanceof RtcdClientError
    ? reason
    : new RtcdClientError('aborted', `aborted: ${textOf(reason)}`, { cause: reason });
}
