import type { Clock } from '@rtcd/boundary';

/**
 * The key-value store that registrations live in; `@rtcd/store` satisfies it.
 *
 * The two rejections that are distinguished from a broken store carry a `code`: `not_found` (get) and `conflict` (put on a key
 * that is there).
 */
export interface KeyValueStore {
  /** Rejects with `not_found` if the key is missing. */
  get(key: string): Promise<string>;
  /** Writes only if the key is absent, atomically. */
  put(key: string, value: string): Promise<void>;
  /** A missing key is fine. */
  delete(key: string): Promise<void>;
}

/** Only the differences of its times count. */
export type MonotonicClock = Pick<Clock, 'nowMs'>;

/** Reports whether a store rejected with this code. */
export function isStoreError(error: unknown, code: 'not_found' | 'conflict'): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
