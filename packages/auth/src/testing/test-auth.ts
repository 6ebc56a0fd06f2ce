import { type Auth, type AuthOptions, createAuth } from '../auth.ts';
import { createMemoryKeyValueStore } from './memory-key-value-store.ts';

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
