import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { textOf } from '@rtcd/boundary';
import { checkLmdbFolder, StoreError } from '@rtcd/store';
import type { Config } from '../../config/settings.ts';
import type { Finding, Level } from '../finding.ts';

/** Room for the registrations of thousands of clients. Below it, a disk that fills up for another reason is soon full. */
const ENOUGH_BYTES = 64 * 1024 * 1024;

/** Tries the folder of the store, which a running service may have open. */
export async function checkStore({ data_source: path }: Config['store']): Promise<Finding[]> {
  try {
    await checkLmdbFolder({ path });
    return [judgeSpace(path, await freeBytes(path))];
  } catch (error) {
    return [explainStoreError(error)];
  }
}

/** Judges the space on the disk of a folder that can be written to. */
export function judgeSpace(path: string, bytes: number): Finding {
  if (bytes >= ENOUGH_BYTES) return finding('ok', `The folder of the store, ${path}, can be used.`);
  return finding(
    'warning',
    `The disk of the store in ${path} has only ${Math.floor(bytes / 1024)} KiB left: clients cannot register when it is full.`,
    FREE_SPACE,
  );
}

/** Explains why a store does not open, with advice on the cause. */
export function explainStoreError(error: unknown): Finding {
  const { code, cause } = error instanceof StoreError ? error : {};
  const message = `rtcd does not start: ${textOf(error)}.`;
  if (code === 'corrupt') return finding('error', message, 'If there is no backup, clients have to register again.');
  return finding(
    'error',
    message,
    ADVICE[codeOf(cause)] ?? 'Set store.data_source to a folder that rtcd has for itself.',
  );
}

const FREE_SPACE = 'Free space on it, or set store.data_source to a folder on another disk.';
const OWN_FOLDER =
  'Give the folder to the user that rtcd runs as (chown), set store.data_source to one of its own, or run the doctor as this user.';

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: FREE_SPACE,
  EDQUOT: FREE_SPACE,
  EACCES: OWN_FOLDER,
  EPERM: OWN_FOLDER,
  EROFS: 'Set store.data_source to a folder on a file system that can be written to.',
};

const codeOf = (cause: unknown): string => (cause instanceof Error && 'code' in cause ? String(cause.code) : '');

/** Free space for this user; that of the nearest parent if the folder does not exist yet. */
async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return freeBytes(dirname(path));
  }
}

const finding = (level: Level, message: string, advice?: string): Finding => ({
  check: 'store',
  level,
  message,
  ...(advice !== undefined && { advice }),
});
