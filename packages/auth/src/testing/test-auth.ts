import { type Auth, type AuthOptions, createAuth } from '../auth.ts';
import type { KeyValueStore } from '../ports.ts';

/**
 * The real authentication service, made fast: a store in memory, bcrypt at its lowest cost (about a millisecond), no
 * throttle to speak of. Any option can be overridden.
 */
export function createTestAuth(overrides: Partial<AuthOptions> = {}): Auth {
  return createAuth({
    store: createMemoryKeyValueStore(),
    sessionExpirationMinutes: 1440,
    hashCost: 4,
    throttle: { operationsPerSecond: 1_000_000, burst: 1, maxWaitMs: 10_000 },
    ...overrides,
  });
}

/** A store for tests that forgets everything with the object; with the behavior of `@rtcd/store`. */
export function createMemoryKeyValueStore(): KeyValueStore {
  const values = new Map<string, string>();
  return {
    async get(key) {
      const value = values.get(key);
      if (value === undefined) throw storeError('not_found', 'error: not found');
      return value;
    },
    async put(key, value) {
      if (values.has(key)) throw storeError('conflict', 'error: conflict');
      values.set(key, value);
    },
    async delete(key) {
      values.delete(key);
    },
  };
}

function storeError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
