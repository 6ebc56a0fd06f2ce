import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { StoreError } from '../errors.ts';
import { remedy } from './folder.ts';

/** Longer than reading through any store of ours takes, on the slowest disk. */
const CHECK_TIMEOUT_MS = 60_000;

/** Reads every page that is in use. A damaged file may well kill the process that maps it. */
const SCRIPT = `
  const { open } = await import(process.argv[1]);
  const db = open({ path: process.argv[2], noSubdir: false, encoding: 'binary', keyEncoding: 'binary', readOnly: true, permissionsMode: 0o600 });
  for (const { value } of db.getRange()) if (value.length > 0) Buffer.from(value);
  await db.close();
`;

/** Looks through an existing store from a process of its own, whose death by a bad page is the answer and not the end. */
export async function checkIntegrity(path: string): Promise<void> {
  const lmdb = import.meta.resolve('lmdb');
  try {
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', SCRIPT, lmdb, path], {
      timeout: CHECK_TIMEOUT_MS,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
  } catch (error) {
    throw explain(path, error as NodeJS.ErrnoException & { signal?: string; stderr?: string });
  }
}

function explain(path: string, error: NodeJS.ErrnoException & { signal?: string; stderr?: string }): StoreError {
  // A string here means that the process could not be started at all.
  if (typeof error.code === 'string') {
    return new StoreError('unavailable', `cannot check the store in ${path}: ${error.message}`, { cause: error });
  }
  const reason =
    /^Error: (.*)$/m.exec(error.stderr ?? '')?.[1] ?? `reading it ended with ${error.signal ?? error.code}`;
  return new StoreError('corrupt', `the store in ${path} is damaged or not a store (${reason}); ${remedy(path)}`, {
    cause: error,
  });
}
