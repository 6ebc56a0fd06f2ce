import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkKey, checkValue, type Store, StoreError } from '@rtcd/store';

/** A file per key, each written whole under another name first. */
export class FileStore implements Store {
  readonly #folder: string;
  readonly #underWay = new Set<Promise<unknown>>();
  #isClosed = false;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<FileStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new FileStore(folder);
  }

  async put(key: string, value: string): Promise<void> {
    const file = this.#file(key);
    await this.#write(value, (written) => link(written, file)); // fails if the file is there
  }

  async set(key: string, value: string): Promise<void> {
    const file = this.#file(key);
    await this.#write(value, (written) => rename(written, file));
  }

  async get(key: string): Promise<string> {
    return readFile(this.#file(key), 'utf8').catch(toStoreError);
  }

  async delete(key: string): Promise<void> {
    const file = this.#file(key);
    await this.#track(rm(file, { force: true }).then(() => sync(this.#folder)));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#underWay);
  }

  #file(key: string): string {
    if (this.#isClosed) throw new StoreError('closed', 'error: store is closed');
    checkKey(key);
    return join(this.#folder, createHash('sha256').update(key).digest('hex'));
  }

  async #write(value: string, place: (written: string) => Promise<void>): Promise<void> {
    checkValue(value);
    const written = join(this.#folder, `.${randomUUID()}`);
    const writing = async () => {
      const handle = await open(written, 'wx', 0o600);
      await handle.writeFile(value);
      await handle.sync();
      await handle.close();
      await place(written).finally(() => rm(written, { force: true }));
      await sync(this.#folder);
    };
    await this.#track(writing());
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#underWay.add(work);
    await work.finally(() => this.#underWay.delete(work)).catch(toStoreError);
  }
}

const sync = async (folder: string): Promise<void> => {
  const handle = await open(folder);
  await handle.sync().finally(() => handle.close());
};

const toStoreError = (cause: NodeJS.ErrnoException): never => {
  if (cause.code === 'EEXIST') throw new StoreError('conflict', 'error: conflict', { cause });
  if (cause.code === 'ENOENT') throw new StoreError('not_found', 'error: not found', { cause });
  throw new StoreError('unavailable', `the file store failed: ${cause.message}`, { cause });
};
