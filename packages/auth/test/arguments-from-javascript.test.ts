import { expect, it } from 'vitest';
import { type AuthOptions, createAuth } from '../src/index.ts';
import { createMemoryKeyValueStore, createTestAuth } from '../src/testing/index.ts';

const store = createMemoryKeyValueStore();
const options = { store, sessionExpirationMinutes: 1 };
const throttle = { operationsPerSecond: 1, burst: 1, maxWaitMs: 1 };
const KEY = 'k'.repeat(32);

const refused = (field: string, code: string) =>
  expect.objectContaining({
    name: 'AuthError',
    code,
    message: expect.stringContaining(`invalid ${field} value: should be `),
  });

it.each<[string, unknown]>([
  ['options', undefined],
  ['store', { sessionExpirationMinutes: 1 }],
  ['store.put', { ...options, store: { get: store.get, delete: store.delete } }],
  ['sessionExpirationMinutes', { store }],
  ['sessionExpirationMinutes', { store, sessionExpirationMinutes: -1 }],
  ['adminSecretKey', { ...options, adminSecretKey: 5 }],
  ['hashCost', { ...options, hashCost: 3 }],
  ['hashCost', { ...options, hashCost: '10' }],
  ['throttle.operationsPerSecond', { ...options, throttle: { ...throttle, operationsPerSecond: 0 } }],
  ['throttle.burst', { ...options, throttle: { ...throttle, burst: 2 } }],
  ['clock.nowMs', { ...options, clock: {} }],
  ['logger', { ...options, logger: console }],
])('createAuth names %s if it is wrong', (field, given) => {
  expect(() => createAuth(given as AuthOptions)).toThrow(refused(field, 'invalid_option'));
});

it.each<[string, readonly unknown[], string, string]>([
  ['register', [undefined, KEY], 'clientID', 'invalid_client_id'],
  ['register', ['c'], 'authKey', 'invalid_key'],
  ['register', ['c', { length: 40 }], 'authKey', 'invalid_key'],
  ['unregister', [5], 'clientID', 'invalid_client_id'],
])('%s with %j is refused', async (method, args, field, code) => {
  const auth = createTestAuth() as unknown as Record<string, (...args: readonly unknown[]) => Promise<void>>;
  await expect(auth[method]?.(...args)).rejects.toEqual(refused(field, code));
});

it('treats missing credentials of any type as missing', async () => {
  const auth = createTestAuth();
  for (const header of [5, {}, null, ['Basic x']]) {
    await expect(auth.authorize(header as never)).rejects.toMatchObject({ code: 'unauthorized' });
  }
  expect(() => auth.clientOfToken(5 as never)).toThrow('authentication failed: token is invalid');
  await expect(auth.authenticate(5 as never, KEY)).rejects.toMatchObject({ code: 'unauthorized' });
  await expect(auth.login('c', undefined as never)).rejects.toMatchObject({ code: 'unauthorized' });
});
