import assert from 'node:assert/strict';
import { MAX_KEY_BYTES, MAX_VALUE_BYTES } from '../limits.ts';
import type { Store } from '../store.ts';

/** Functions of a test runner: `describe` and `it` of vitest, node:test, mocha, jest... */
export interface ContractRunner {
  /** Groups the tests that `body` defines. */
  describe(name: string, body: () => void): unknown;
  /** Defines a test, which fails if `body` rejects. */
  it(name: string, body: () => Promise<void>): unknown;
}

async function rejects(promise: Promise<unknown>, code: string, message?: string): Promise<void> {
  await assert.rejects(promise, message === undefined ? { code } : { code, message });
}

const ODD_KEYS = ['__proto__', 'a b', 'a:b/c*?[]', 'ключ', '🔑', 'line\nbreak', 'nul\0inside', '\0', ' ', 'a', 'ab'];

/**
 * Contract of every `Store` (contract section 2), as tests: call it once per implementation.
 * @param make makes an empty store; the suite closes it
 */
export function storeContract({ describe, it }: ContractRunner, make: () => Store | Promise<Store>): void {
  const test = (name: string, body: (store: Store) => Promise<void>) =>
    it(name, async () => {
      const store = await make();
      try {
        await body(store);
      } finally {
        await store.close();
      }
    });

  describe('put', () => {
    test('stores under an absent key', async (store) => {
      await store.put('key', 'value');
      assert.equal(await store.get('key'), 'value');
    });

    test('leaves a present key alone', async (store) => {
      await store.put('key', 'first');
      await rejects(store.put('key', 'second'), 'conflict', 'error: conflict');
      await rejects(store.put('key', 'first'), 'conflict');
      assert.equal(await store.get('key'), 'first');
    });

    test('finds a key that was set taken, and one that was deleted free', async (store) => {
      await store.set('key', 'first');
      await rejects(store.put('key', 'second'), 'conflict');
      await store.delete('key');
      await store.put('key', 'third');
      assert.equal(await store.get('key'), 'third');
    });

    test('lets exactly one of many at once succeed', async (store) => {
      const values = Array.from({ length: 50 }, (_, i) => `value ${i}`);
      const results = await Promise.allSettled(values.map((value) => store.put('key', value)));
      const stored = values.filter((_, i) => results[i]?.status === 'fulfilled');
      assert.equal(stored.length, 1);
      assert.equal(await store.get('key'), stored[0]);
      for (const result of results) if (result.status === 'rejected') assert.equal(result.reason.code, 'conflict');
    });
  });

  describe('set', () => {
    test('stores under an absent and under a present key', async (store) => {
      await store.set('key', 'first');
      assert.equal(await store.get('key'), 'first');
      await store.set('key', 'second');
      assert.equal(await store.get('key'), 'second');
    });
  });

  describe('get', () => {
    test('rejects for an absent key', (store) => rejects(store.get('nothing'), 'not_found', 'error: not found'));
  });

  describe('delete', () => {
    test('removes that key only', async (store) => {
      await store.put('key', 'value');
      await store.put('key2', 'value2');
      await store.delete('key');
      await rejects(store.get('key'), 'not_found');
      assert.equal(await store.get('key2'), 'value2');
    });

    test('accepts a missing key', async (store) => {
      await store.delete('nothing');
      await store.put('key', 'value');
      await store.delete('key');
      await store.delete('key');
    });
  });

  describe('keys', () => {
    test('are not empty', async (store) => {
      for (const attempt of [store.put('', 'v'), store.set('', 'v'), store.get(''), store.delete('')]) {
        await rejects(attempt, 'empty_key', 'error: empty key');
      }
    });

    test('may be any other text, and differ if their text differs', async (store) => {
      for (const key of ODD_KEYS) await store.put(key, `value of ${key}`);
      for (const key of ODD_KEYS) assert.equal(await store.get(key), `value of ${key}`);
      for (const key of ['constructor', 'b', 'A', 'nul']) await rejects(store.get(key), 'not_found');
    });

    test(`have at most ${MAX_KEY_BYTES} bytes`, async (store) => {
      const longest = 'é'.repeat(MAX_KEY_BYTES / 2);
      await store.put(longest, 'value');
      assert.equal(await store.get(longest), 'value');
      const longer = `${longest}x`;
      for (const attempt of [store.put(longer, 'v'), store.set(longer, 'v'), store.get(longer), store.delete(longer)]) {
        await rejects(attempt, 'too_large');
      }
    });
  });

  describe('values', () => {
    test('may be any text, the empty one included', async (store) => {
      for (const value of ['', ...ODD_KEYS, '"json"', 'x'.repeat(100_000)]) {
        await store.set('key', value);
        assert.equal(await store.get('key'), value);
      }
    });

    test(`have at most ${MAX_VALUE_BYTES} bytes`, async (store) => {
      const longest = 'é'.repeat(MAX_VALUE_BYTES / 2);
      await store.put('key', longest);
      assert.equal(await store.get('key'), longest);
      await rejects(store.put('key2', `${longest}x`), 'too_large');
      await rejects(store.set('key', `${longest}x`), 'too_large');
      assert.equal(await store.get('key'), longest);
    });
  });

  describe('text that is not well-formed', () => {
    test('is refused rather than changed', async (store) => {
      for (const attempt of [store.put('\ud800', 'v'), store.set('k', '\udfff'), store.get('\ud800')]) {
        await rejects(attempt, 'malformed');
      }
    });
  });

  describe('close', () => {
    test('lets pending operations finish', async (store) => {
      const writes = Array.from({ length: 100 }, (_, i) => store.put(`key ${i}`, 'value'));
      await store.close();
      for (const { status } of await Promise.allSettled(writes)) assert.equal(status, 'fulfilled');
    });

    test('may be called again, and ends every use', async (store) => {
      await store.put('key', 'value');
      await Promise.all([store.close(), store.close()]);
      await store.close();
      for (const attempt of [store.put('k', 'v'), store.set('k', 'v'), store.get('key'), store.delete('key')]) {
        await rejects(attempt, 'closed');
      }
    });
  });
}
