import { chmod, chown, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLmdbStore } from '../src/index.ts';
import { temporaryFolder } from './folder.ts';

const isRoot = process.geteuid?.() === 0;
const NOBODY = 65534;

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

async function modes(path: string): Promise<Record<string, string>> {
  const found: Record<string, string> = { '.': await modeOf(path) };
  for (const name of await readdir(path)) found[name] = await modeOf(join(path, name));
  return found;
}

const PRIVATE = { '.': '700', created: '600', 'data.mdb': '600', 'lock.mdb': '600' };

async function openAndClose(path: string): Promise<void> {
  const store = await openLmdbStore({ path });
  await store.set('key', 'value');
  await store.close();
}

it('when it is new, whatever the umask', async () => {
  const before = process.umask(0);
  onTestFinished(() => {
    process.umask(before);
  });
  const path = join(await temporaryFolder(), 'a', 'new.folder');
  await openAndClose(path);
  expect(await modes(path)).toEqual(PRIVATE);
});

it('when it and the files exist already and were open to others', async () => {
  const path = await temporaryFolder();
  await openAndClose(path);
  await chmod(path, 0o777);
  for (const name of await readdir(path)) await chmod(join(path, name), 0o666);
  await openAndClose(path);
  expect(await modes(path)).toEqual(PRIVATE);
});

it('accepts a new file system', async () => {
  const path = await temporaryFolder();
  await mkdir(join(path, 'lost+found'));
  await openAndClose(path);
});

it('leaves a folder with other content alone', async () => {
  const path = await temporaryFolder();
  await chmod(path, 0o755);
  await writeFile(join(path, 'thesis.txt'), 'draft');
  await expect(openLmdbStore({ path })).rejects.toMatchObject({
    code: 'unavailable',
    message: `cannot use ${path} as the folder of the store: it contains other files and no store; use an empty folder`,
  });
  expect(await modes(path)).toEqual({ '.': '755', 'thesis.txt': expect.any(String) });
});

describe('says what is wrong with', () => {
  it.runIf(process.platform === 'linux')('a path in a file system that has no room for folders', async () => {
    const path = '/proc/rtcd/store';
    await expect(openLmdbStore({ path })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`cannot use ${path} as the folder of the store: ENOENT`),
    });
  });

  it('a path below a file', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    await expect(openLmdbStore({ path: join(file, 'store') })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('a path that is a file', async () => {
    const path = join(await temporaryFolder(), 'file');
    await writeFile(path, '');
    await expect(openLmdbStore({ path })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`cannot use ${path} as the folder of the store: ENOTDIR`),
    });
  });

  it('a path below a file', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    await expect(openLmdbStore({ path: join(file, 'store') })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`cannot use ${file}/store as the folder of the store: ENOTDIR`),
    });
  });

  it('a folder that this user may not write to', async () => {
    const parent = await temporaryFolder();
    const path = join(parent, 'store');
    await chmod(parent, 0o555);
    // Root may write everywhere, so it steps down for a moment.
    if (isRoot) process.seteuid?.(NOBODY);
    onTestFinished(() => {
      if (isRoot) process.seteuid?.(0);
    });
    await expect(openLmdbStore({ path })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`cannot use ${path} as the folder of the store: EACCES`),
    });
  });

  it.runIf(isRoot)('a folder that another user created in a world-writable folder', async () => {
    const parent = await temporaryFolder();
    const path = join(parent, 'store');
    await chmod(parent, 0o1777);
    await mkdir(path);
    await chown(path, NOBODY, NOBODY);
    await expect(openLmdbStore({ path })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`it belongs to another user (uid ${NOBODY})`),
    });
  });
});
