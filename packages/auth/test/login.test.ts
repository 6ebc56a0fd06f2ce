import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMemoryKeyValueStore, createTestAuth } from '../src/testing/index.ts';

const KEY = 'k'.repeat(32);

describe('login', () => {
  it('returns a token that is valid for the client until the next login', async () => {
    const auth = createTestAuth();
    await auth.register('client', KEY);
    const first = await auth.login('client', KEY);
    expect(auth.clientOfToken(first)).toBe('client');
    const second = await auth.login('client', KEY);
    expect(auth.clientOfToken(second)).toBe('client');
    expect(() => auth.clientOfToken(first)).toThrow('authentication failed: token is invalid');
  });

  it('reports why it failed', async () => {
    const auth = createTestAuth();
    await auth.register('client', KEY);
    await expect(auth.login('client', 'w'.repeat(32))).rejects.toMatchObject({
      message: 'login failed: authentication failed',
    });
    await expect(auth.login('stranger', KEY)).rejects.toMatchObject({
      message: 'login failed: authentication failed: error: not found',
    });
  });

  it('fails if the store does not answer', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const store = { ...createMemoryKeyValueStore(), get: () => new Promise<never>(() => {}) };
    const login = expect(createTestAuth({ store }).login('client', KEY)).rejects.toMatchObject({
      code: 'store_failed',
      message: 'login failed: authentication failed: the store did not answer within 5000 ms',
    });
    await vi.advanceTimersByTimeAsync(5_000);
    await login;
  });

  it('expires after the configured minutes', async () => {
    const clock = { timeMs: 0, nowMs: () => clock.timeMs };
    const auth = createTestAuth({ sessionExpirationMinutes: 5, clock });
    await auth.register('client', KEY);
    clock.timeMs += 1000;
    const token = await auth.login('client', KEY);
    clock.timeMs += 5 * 60_000;
    expect(auth.clientOfToken(token)).toBe('client');
    clock.timeMs += 1;
    expect(() => auth.clientOfToken(token)).toThrow('authentication failed: session is expired');
  });

  it('ends with the registration', async () => {
    const auth = createTestAuth();
    await auth.register('client', KEY);
    const token = await auth.login('client', KEY);
    await auth.unregister('client');
    expect(() => auth.clientOfToken(token)).toThrow('authentication failed: token is invalid');
  });

  it('issues no token to a client that is unregistered while its key is checked', async () => {
    const store = createMemoryKeyValueStore();
    const auth = createTestAuth({ store });
    await auth.register('client', KEY);
    let reads = 0;
    const login = createTestAuth({
      store: {
        ...store,
        async get(key) {
          if (++reads === 2) await auth.unregister(key);
          return store.get(key);
        },
      },
    }).login('client', KEY);
    await expect(login).rejects.toMatchObject({ message: 'login failed: authentication failed' });
    expect(reads).toBe(2);
  });

  it('asks a client to retry when too many are waiting', async () => {
    const auth = createTestAuth({
      throttle: { operationsPerSecond: 1, burst: 1, maxWaitMs: 500 },
      clock: { nowMs: () => 0 },
    });
    await auth.register('client', KEY);
    await expect(auth.login('client', KEY)).rejects.toMatchObject({
      code: 'throttled',
      message: 'login failed: authentication failed: too many requests at once, try again later',
    });
  });
});
