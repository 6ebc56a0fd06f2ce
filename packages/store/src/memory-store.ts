import { closed, conflict, notFound } from './errors.ts';
import { checkKey, checkValue } from './limits.ts';
import type { Store } from './store.ts';

/** A store that lives as long as the process: for tests and trials. */
export const createMemoryStore = (): Store => new MemoryStore();

class MemoryStore implements Store {
  readonly #entries = new Map<string, string>();
  #isClosed = false;

  async put(key: string, value: string): Promise<void> {
    this.#check(key);
    checkValue(value);
    if (this.#entries.has(key)) throw conflict();
    this.#entries.set(key, value);
  }

  async set(key: string, value: string): Promise<void> {
    this.#check(key);
    checkValue(value);
    this.#entries.set(key, value);
  }

  async get(key: string): Promise<string> {
    this.#check(key);
    const value = this.#entries.get(key);
    if (value === undefined) throw notFound();
    return value;
  }

  async delete(key: string): Promise<void> {
    this.#check(key);
    this.#entries.delete(key);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#entries.clear();
  }

  #check(key: string): void {
    if (this.#isClosed) throw closed();
    checkKey(key);
  }
}
