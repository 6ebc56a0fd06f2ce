import {
  access,
  chmod,
  constants,
  mkdir,
  mkdtemp,
  open,
  readdir,
  realpath,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { textOf } from '@rtcd/boundary';
import { StoreError } from '../errors.ts';
import { DATA_FILE, LOCK_FILE, MARKER_FILE, PROBE_FILE } from './files.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const STICKY_BIT = 0o1000;
/** More than the first pages of both of LMDB's files, whatever the page size. */
const NEW_FILES_BYTES = 128 * 1024;

/** Entries that a folder for a store may have: the store's own, and those of a new file system. */
const EXPECTED = new Set([DATA_FILE, LOCK_FILE, MARKER_FILE, PROBE_FILE, 'lost+found']);

export interface StoreFolder {
  /** Absolute, without symbolic links. */
  readonly path: string;
  readonly hasStore: boolean;
  readonly hasMarker: boolean;
}

const unavailable = (path: string, why: string, cause?: unknown): StoreError =>
  new StoreError('unavailable', `cannot use ${path} as the folder of the store: ${why}`, { cause });

/** Describes the ways out for a store that cannot be read any more. */
export const remedy = (path: string): string =>
  `restore ${join(path, DATA_FILE)} from a backup, or remove all files in the folder to begin with an empty store`;

const lost = (path: string): StoreError =>
  new StoreError('corrupt', `the store in ${path} has lost its data: data.mdb is empty or missing; ${remedy(path)}`);

/** Makes the folder if it is missing, and makes it private, before anything is written into it. */
export async function prepareFolder(givenPath: string): Promise<StoreFolder> {
  try {
    await makeFolder(resolve(givenPath));
    const path = await realpath(givenPath);
    const entries = await readEntries(givenPath, path);
    await chmod(path, FOLDER_MODE);
    await makeFilesPrivate(path);
    const { hasStore, hasMarker } = await checkData(path, entries);
    const hasData = entries.includes(DATA_FILE);
    if (!hasData || !entries.includes(LOCK_FILE)) await checkSpace(path);
    return { path, hasStore, hasMarker };
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw unavailable(givenPath, textOf(error), error);
  }
}

/** Finds out whether a store can be opened in a folder, without making one: only a file, or a folder, is made there for a moment. */
export async function tryFolder(givenPath: string): Promise<void> {
  try {
    const path = resolve(givenPath);
    if (!(await isThere(path))) return await tryToMakeFolder(dirname(path));
    const entries = await readEntries(givenPath, path);
    const [{ uid }, own] = [await stat(path), process.geteuid?.()];
    // Only its owner can make a folder private.
    if (own !== 0 && uid !== own) throw unavailable(givenPath, `it belongs to another user (uid ${uid})`);
    await checkData(path, entries);
    await checkSpace(path);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw unavailable(givenPath, textOf(error), error);
  }
}

/** Makes a folder in the first parent that there is, and removes it. */
async function tryToMakeFolder(parent: string): Promise<void> {
  if (!(await isThere(parent))) return tryToMakeFolder(dirname(parent));
  await rmdir(await mkdtemp(join(parent, 'rtcd-')));
}

/** A mistyped path must not make /tmp or /var unusable for other users. */
async function readEntries(givenPath: string, path: string): Promise<string[]> {
  const entries = await readdir(path);
  if (!entries.includes(DATA_FILE) && entries.some((name) => !EXPECTED.has(name))) {
    throw unavailable(givenPath, 'it contains other files and no store; use an empty folder');
  }
  await checkOwner(givenPath, path);
  return entries;
}

async function checkData(path: string, entries: readonly string[]): Promise<Omit<StoreFolder, 'path'>> {
  await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  if (entries.includes(DATA_FILE)) await access(join(path, DATA_FILE), constants.R_OK | constants.W_OK);
  // LMDB makes the file before it writes the first page: a process that died between the two left an empty one.
  const hasStore = (await sizeOf(join(path, DATA_FILE))) > 0;
  const hasMarker = entries.includes(MARKER_FILE);
  if (hasMarker && !hasStore) throw lost(path);
  return { hasStore, hasMarker };
}

/** LMDB writes to a new lock file through a memory map: on a full disk that kills the process with SIGBUS. */
async function checkSpace(path: string): Promise<void> {
  const probe = join(path, PROBE_FILE);
  try {
    await writeFile(probe, Buffer.alloc(NEW_FILES_BYTES), { mode: FILE_MODE, flush: true });
  } finally {
    await rm(probe, { force: true });
  }
}

/** With the parents that are missing. mkdir's own way of doing so never ends where a file system refuses with ENOENT, as /proc does. */
async function makeFolder(path: string): Promise<void> {
  if (await isThere(path)) return;
  const parent = dirname(path);
  if (!(await isThere(parent))) await makeFolder(parent);
  await mkdir(path, { mode: FOLDER_MODE }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );

/** In a folder like /tmp, another user may have created this name first, and would keep access to its contents. */
async function checkOwner(givenPath: string, path: string): Promise<void> {
  const { uid } = await stat(path);
  const parent = await stat(dirname(path));
  if ((parent.mode & STICKY_BIT) !== 0 && uid !== process.geteuid?.()) {
    throw unavailable(
      givenPath,
      `it belongs to another user (uid ${uid}) in a world-writable folder; use a folder of your own`,
    );
  }
}

/** Completes a folder whose store has been opened: makes the new files private and durable, and marks it, so that the loss of its data is noticed. */
export async function completeFolder({ path, hasStore, hasMarker }: StoreFolder): Promise<void> {
  try {
    await makeFilesPrivate(path);
    if (!hasStore) await sync(join(path, DATA_FILE));
    if (!hasMarker) await writeFile(join(path, MARKER_FILE), '', { mode: FILE_MODE });
    if (!hasStore || !hasMarker) await syncFolder(path);
  } catch (error) {
    throw unavailable(path, textOf(error), error);
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

/** By path only: closing any descriptor of the lock file would drop the locks that LMDB holds on it for this process. */
async function makeFilesPrivate(path: string): Promise<void> {
  for (const name of [DATA_FILE, LOCK_FILE, MARKER_FILE]) {
    await chmod(join(path, name), FILE_MODE).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

/** A new file is durable once its folder's entry is; a new folder once its parent's is. */
async function syncFolder(path: string): Promise<void> {
  for (const folder of [path, dirname(path)]) await sync(folder);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
