import { describe, expect, it } from 'vitest';
import { createMemoryKeyValueStore, createTestAuth } from '../src/testing/index.ts';

const KEY = 'k'.repeat(32);

describe('registration', () => {
  it('authenticates registered clients only', async () => {
    const auth = createTestAuth();
    await auth.register('client', KEY);
    await auth.authenticate('client', KEY);
    await expect(auth.authenticate('client', 'w'.repeat(32))).rejects.toMatchObject({
      code: 'unauthorized',
      message: 'authentication failed',
    });
    await expect(auth.authenticate('client', '')).rejects.toMatchObject({ message: 'authentication failed' });
    await expect(auth.authenticate('stranger', KEY)).rejects.toMatchObject({
      code: 'unauthorized',
      message: 'authentication failed: error: not found',
    });
  });

  it.each([
    ['a key of 31 characters', 'client', 'k'.repeat(31), 'registration failed: key not long enough'],
    ['a short key before an empty client ID', '', 'short', 'registration failed: key not long enough'],
    ['a key that bcrypt would cut', 'client', 'k'.repeat(73), 'registration failed: key longer than 72 bytes'],
    [
      'more than 72 bytes in fewer characters',
      'client',
      'é'.repeat(37),
      'registration failed: key longer than 72 bytes',
    ],
    ['an empty client ID', '', KEY, 'registration failed: error: empty key'],
    ['a broken client ID', 'c\ud800', KEY, 'registration failed: error: client id is not well-formed Unicode'],
    ['an endless client ID', 'c'.repeat(513), KEY, 'registration failed: error: client id longer than 512 bytes'],
  ])('refuses %s', async (_, clientID, key, message) => {
    await expect(createTestAuth().register(clientID, key)).rejects.toMatchObject({ name: 'AuthError', message });
  });

  it('refuses a client that is registered, whatever the key', async () => {
    const auth = createTestAuth();
    await auth.register('client', KEY);
    const refusal = { code: 'already_registered', message: 'registration failed: already registered' };
    await expect(auth.register('client', KEY)).rejects.toMatchObject(refusal);
    await expect(auth.register('client', 'w'.repeat(32))).rejects.toMatchObject(refusal);
    await auth.authenticate('client', KEY);
  });

  it('assigns a client ID to only one of many concurrent requests', async () => {
    const auth = createTestAuth();
    const keys = Array.from({ length: 10 }, (_, i) => `${i}`.repeat(32));
    const results = await Promise.allSettled(keys.map((key) => auth.register('client', key)));
    const winners = results.flatMap((result, i) => (result.status === 'fulfilled' ? [i] : []));
    expect(winners).toHaveLength(1);
    await auth.authenticate('client', keys[winners[0]!]!);
  });

  it('ends with unregister, which strangers may not call', async () => {
    const auth = createTestAuth();
    await auth.register('client', KEY);
    await auth.unregister('client');
    await expect(auth.authenticate('client', KEY)).rejects.toThrow('authentication failed: error: not found');
    await expect(auth.unregister('client')).rejects.toMatchObject({
      code: 'not_registered',
      message: 'unregister failed: error: not found',
    });
    await auth.register('client', KEY);
  });

  it('keeps hashes in the store, never keys', async () => {
    const store = createMemoryKeyValueStore();
    await createTestAuth({ store }).register('client', KEY);
    expect(await store.get('client')).toMatch(/^\$2a\$04\$/);
  });

  it('reports a broken store as such', async () => {
    const store = {
      ...createMemoryKeyValueStore(),
      get: () => Promise.reject(new Error('disk on fire')),
    };
    const auth = createTestAuth({ store });
    await expect(auth.register('client', KEY)).rejects.toMatchObject({
      code: 'store_failed',
      message: 'registration failed: disk on fire',
    });
    await expect(auth.authenticate('client', KEY)).rejects.toMatchObject({
      code: 'store_failed',
      message: 'authentication failed: disk on fire',
    });
  });
});
