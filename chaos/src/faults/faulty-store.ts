import { createMemoryStore, type Store, StoreError } from '@rtcd/store';
import type { StoreFault } from '../schedule.ts';

/** A store whose disk is faulty for a while. */
export class FaultyStore implements Store {
  readonly #store = createMemoryStore();
  #fault: StoreFault | undefined;
  #healed = Promise.withResolvers<void>();

  break(fault: StoreFault): void {
    this.#fault = fault;
  }

  heal(): void {
    this.#fault = undefined;
    this.#healed.resolve();
    this.#healed = Promise.withResolvers();
  }

  async put(key: string, value: string): Promise<void> {
    await this.#disk('write');
    return this.#store.put(key, value);
  }

  async set(key: string, value: string): Promise<void> {
    await this.#disk('write');
    return this.#store.set(key, value);
  }

  async get(key: string): Promise<string> {
    await this.#disk('read');
    return this.#store.get(key);
  }

  async delete(key: string): Promise<void> {
    await this.#disk('write');
    return this.#store.delete(key);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #disk(access: 'read' | 'write'): Promise<void> {
    switch (this.#fault) {
      case undefined:
        return;
      case 'hangs':
        return this.#healed.promise;
      case 'fails':
        throw failure('EIO', 'input/output error');
      case 'is_full':
        if (access === 'write') throw failure('ENOSPC', 'no space left on device');
        return;
      default:
        return this.#fault satisfies never;
    }
  }
}

const failure = (code: string, text: string) =>
  new StoreError('unavailable', `error: ${text}`, { cause: Object.assign(new Error(text), { code }) });
