import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from '../errors.ts';
import { type LmdbDatabase, openEnvironment } from './environment.ts';

/**
 * One process per folder, by means of LMDB's own table of readers: every process holds a slot there while it has the
 * environment open, marked as alive by a lock that the kernel drops with the process, however it dies.
 */
interface Owned {
  readonly db: LmdbDatabase;
  /** Lets the next one in. */
  release(): Promise<void>;
}

const ATTEMPTS = 5;
/** Longest wait between attempts: two that start at once both back off, for different times. */
const MAX_BACKOFF_MS = 200;
const ANY_KEY = Buffer.from([0]);

/** Folders that this process holds: LMDB's locks do not protect a process from itself. */
const heldHere = new Set<string>();

/** Process IDs in the table, one per slot; `open` has already cleared those of dead processes. */
const readers = (db: LmdbDatabase): number[] =>
  [...db.readerList().matchAll(/^\s*(\d+) [0-9a-f]+ (?:\d+|-)$/gm)].map(([, pid]) => Number(pid));

const inUse = (path: string, by: string): StoreError =>
  new StoreError('in_use', `the store in ${path} is in use by ${by}; only one process may open a store at a time`);

/** Returns the other process that has the environment open, or undefined once we hold the only slot. */
function takeSlot(db: LmdbDatabase): number | undefined {
  // Asked before there is a slot of ours: a process in another container may have our process ID.
  const [other] = readers(db);
  if (other !== undefined) return other;
  db.get(ANY_KEY);
  return readers(db).find((pid) => pid !== process.pid);
}

export async function openOwned(path: string): Promise<Owned> {
  if (heldHere.has(path)) throw inUse(path, 'this process');
  heldHere.add(path);
  try {
    for (let attempt = 1; ; attempt += 1) {
      const db = openEnvironment(path);
      const other = takeSlot(db);
      if (other === undefined) return { db, release: () => release(path, db) };
      await db.close();
      if (attempt === ATTEMPTS) throw inUse(path, `process ${other}`);
      await sleep(Math.random() * MAX_BACKOFF_MS);
    }
  } catch (error) {
    heldHere.delete(path);
    throw error;
  }
}

async function release(path: string, db: LmdbDatabase): Promise<void> {
  try {
    await db.close();
  } finally {
    heldHere.delete(path);
  }
}
