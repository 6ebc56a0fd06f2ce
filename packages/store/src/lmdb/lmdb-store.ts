import { setImmediate } from 'node:timers/promises';
import { check, textOf, validate } from '@rtcd/boundary';
import { closed, conflict, notFound, StoreError } from '../errors.ts';
import { checkKey, checkValue } from '../limits.ts';
import type { Store } from '../store.ts';
import type { LmdbDatabase } from './environment.ts';
import { completeFolder, prepareFolder, tryFolder } from './folder.ts';
import { checkIntegrity } from './integrity.ts';
import { openOwned } from './ownership.ts';

/** Options of `openLmdbStore`. */
export interface LmdbStoreOptions {
  /** The folder of the store; made if it is missing. Nothing else belongs in it. */
  readonly path: string;
}

const optionsCheck = check.object<LmdbStoreOptions>({ path: check.nonEmptyString });

/**
 * Opens the store in a folder, for this process alone.
 * Rejects with a `StoreError` that names the folder: `unavailable`, `in_use` or `corrupt`. Or with `invalid_option`.
 */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<Store> {
  validate('options', options, optionsCheck, (message) => new StoreError('invalid_option', message));
  const { path } = options;
  const folder = await prepareFolder(path);
  if (folder.hasStore) await checkIntegrity(folder.path);
  const { db, release } = await openOwned(folder.path);
  try {
    await completeFolder(folder);
  } catch (error) {
    await release();
    throw error;
  }
  return new LmdbStore(folder.path, db, release);
}

/**
 * Finds out whether the folder of a store can be used, without making a store: whether it can be written to, has space, and still has its data. Another process may have the store
 * open. Rejects as `openLmdbStore` does.
 */
export async function checkLmdbFolder(options: LmdbStoreOptions): Promise<void> {
  validate('options', options, optionsCheck, (message) => new StoreError('invalid_option', message));
  await tryFolder(options.path);
}

class LmdbStore implements Store {
  readonly #path: string;
  readonly #db: LmdbDatabase;
  readonly #release: () => Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(path: string, db: LmdbDatabase, release: () => Promise<void>) {
    this.#path = path;
    this.#db = db;
    this.#release = release;
  }

  async put(key: string, value: string): Promise<void> {
    const bytes = this.#keyBytes(key);
    checkValue(value);
    const isStored = await this.#write(() =>
      this.#db.ifNoExists(bytes, () => {
        this.#db.put(bytes, value);
      }),
    );
    if (!isStored) throw conflict();
  }

  async set(key: string, value: string): Promise<void> {
    const bytes = this.#keyBytes(key);
    checkValue(value);
    await this.#write(() => this.#db.put(bytes, value));
  }

  async get(key: string): Promise<string> {
    const bytes = this.#keyBytes(key);
    const value = this.#read(() => this.#db.get(bytes));
    if (value === undefined) throw notFound();
    return value;
  }

  async delete(key: string): Promise<void> {
    const bytes = this.#keyBytes(key);
    await this.#write(() => this.#db.remove(bytes));
  }

  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  #keyBytes(key: string): Buffer {
    if (this.#closing !== undefined) throw closed();
    checkKey(key);
    return Buffer.from(key);
  }

  #read<T>(operation: () => T): T {
    try {
      return operation();
    } catch (error) {
      throw this.#failed('read', error);
    }
  }

  async #write<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      throw this.#failed('write to', await commitFailure(error));
    }
  }

  #failed(what: string, cause: unknown): StoreError {
    return new StoreError('unavailable', `cannot ${what} the store in ${this.#path}: ${textOf(cause)}`, {
      cause,
    });
  }
}

/**
 * The reason for a failed commit, such as a full disk. lmdb puts it into a second promise, which needs a handler too. That
 * one rejects in the same turn, or later if lmdb noticed the failure while it queued another write.
 */
function commitFailure(error: unknown): unknown {
  if (!(error instanceof Error && 'commitError' in error && error.commitError instanceof Promise)) return error;
  return Promise.race([error.commitError.catch((reason) => reason), setImmediate(error)]);
}
