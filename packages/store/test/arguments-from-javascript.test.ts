import { expect, it } from 'vitest';
import { createMemoryStore, openLmdbStore, type Store } from '../src/index.ts';
import { temporaryFolder } from './folder.ts';

it.each([undefined, null, {}, { path: '' }, { path: 5 }])('openLmdbStore refuses %j', async (options) => {
  await expect(openLmdbStore(options as never)).rejects.toMatchObject({
    name: 'StoreError',
    code: 'invalid_option',
    message: expect.stringMatching(/^invalid (options|path) value: should be /),
  });
});

it.each<[string, () => Store | Promise<Store>]>([
  ['memory', createMemoryStore],
  ['lmdb', async () => openLmdbStore({ path: await temporaryFolder() })],
])('keys and values of the %s store are strings', async (_name, open) => {
  const store = await open();
  for (const value of [undefined, null, 5, {}, Buffer.from('key')] as never[]) {
    for (const attempt of [store.put(value, 'v'), store.get(value), store.delete(value)]) {
      await expect(attempt).rejects.toMatchObject({
        code: 'malformed',
        message: expect.stringContaining('invalid key'),
      });
    }
    for (const attempt of [store.put('key', value), store.set('key', value)]) {
      await expect(attempt).rejects.toMatchObject({
        code: 'malformed',
        message: expect.stringContaining('invalid value value: should be a string'),
      });
    }
  }
  await store.close();
});
