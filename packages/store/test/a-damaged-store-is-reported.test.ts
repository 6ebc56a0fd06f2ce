import { cp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openLmdbStore } from '../src/index.ts';
import { temporaryFolder } from './folder.ts';

const PAGE_BYTES = 4096;

/** A store of some dozens of pages, closed. */
async function makeStore(): Promise<{ path: string; file: string }> {
  const path = await temporaryFolder();
  const store = await openLmdbStore({ path });
  await Promise.all(Array.from({ length: 1000 }, (_, i) => store.put(`key ${i}`, `value ${i} ${'x'.repeat(100)}`)));
  await store.set('long', 'y'.repeat(50_000));
  await store.close();
  return { path, file: join(path, 'data.mdb') };
}

const damaged = (path: string) =>
  expect.objectContaining({
    code: 'corrupt',
    message: expect.stringMatching(
      `^the store in ${path} is damaged or not a store \\(.*\\); restore ${path}/data.mdb`,
    ),
  });

it('when the file is something else', async () => {
  const path = await temporaryFolder();
  await writeFile(join(path, 'data.mdb'), 'SQLite format 3\0'.repeat(1000));
  await expect(openLmdbStore({ path })).rejects.toEqual(damaged(path));
});

it('when the file ends too early', async () => {
  const { path, file } = await makeStore();
  await truncate(file, 10 * PAGE_BYTES);
  await expect(openLmdbStore({ path })).rejects.toEqual(damaged(path));
});

it('when its pages are overwritten, and it does not take this process down', async () => {
  const { path, file } = await makeStore();
  const whole = await readFile(file);
  const broken = Buffer.from(whole);
  // All but the two meta pages at the beginning.
  for (let i = 2 * PAGE_BYTES; i < broken.length; i += 1) broken[i] = (i * 31 + 7) & 0xff;
  await writeFile(file, broken);
  await expect(openLmdbStore({ path })).rejects.toEqual(damaged(path));

  await writeFile(file, whole);
  const store = await openLmdbStore({ path });
  expect(await store.get('key 999')).toMatch(/^value 999 /);
  await store.close();
});

const lost = (path: string) =>
  expect.objectContaining({
    code: 'corrupt',
    message:
      `the store in ${path} has lost its data: data.mdb is empty or missing; restore ${path}/data.mdb from a backup, ` +
      'or remove all files in the folder to begin with an empty store',
  });

it('when the file is empty, each time', async () => {
  const { path, file } = await makeStore();
  await truncate(file, 0);
  await expect(openLmdbStore({ path })).rejects.toEqual(lost(path));
  await expect(openLmdbStore({ path })).rejects.toEqual(lost(path));
  expect((await stat(file)).size).toBe(0);
});

it('when the file is missing', async () => {
  const { path, file } = await makeStore();
  await rm(file);
  await expect(openLmdbStore({ path })).rejects.toEqual(lost(path));
  expect(await readdir(path)).not.toContain('data.mdb');
});

it('when a store that an earlier version made is opened once, and emptied later', async () => {
  const { path, file } = await makeStore();
  await rm(join(path, 'created'));
  const store = await openLmdbStore({ path });
  expect(await store.get('key 999')).toMatch(/^value 999 /);
  await store.close();
  await truncate(file, 0);
  await expect(openLmdbStore({ path })).rejects.toEqual(lost(path));
});

it('but not once the file is restored, or the folder is empty', async () => {
  const { path, file } = await makeStore();
  const backup = join(await temporaryFolder(), 'backup.mdb');
  await cp(file, backup);
  await truncate(file, 0);
  await cp(backup, file);
  const restored = await openLmdbStore({ path });
  expect(await restored.get('key 999')).toMatch(/^value 999 /);
  await restored.close();

  for (const name of await readdir(path)) await rm(join(path, name));
  const empty = await openLmdbStore({ path });
  await expect(empty.get('key 999')).rejects.toMatchObject({ code: 'not_found' });
  await empty.close();
});

it('but not when its creator was killed before the first page was written', async () => {
  const path = await temporaryFolder();
  await writeFile(join(path, 'data.mdb'), '');
  const store = await openLmdbStore({ path });
  await store.put('key', 'value');
  await store.close();
  expect((await stat(join(path, 'data.mdb'))).size).toBeGreaterThan(0);
});
