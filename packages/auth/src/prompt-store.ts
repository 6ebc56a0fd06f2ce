import type { KeyValueStore } from './ports.ts';

/** Time for an answer of the store. Those that we know answer within milliseconds. */
const ANSWER_TIMEOUT_MS = 5_000;

/** The same store, which rejects if it does not answer in time: a request must not wait for one that hangs. */
export function promptStore(store: KeyValueStore, timeoutMs = ANSWER_TIMEOUT_MS): KeyValueStore {
  return {
    get: (key) => inTime(store.get(key), timeoutMs),
    put: (key, value) => inTime(store.put(key, value), timeoutMs),
    delete: (key) => inTime(store.delete(key), timeoutMs),
  };
}

async function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => timeout.reject(new Error(`the store did not answer within ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    return await Promise.race([work, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
