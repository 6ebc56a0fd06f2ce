import type { KeyValueStore } from '../ports.ts';

/** A store for tests that forgets everything with the object; like `@rtcd/store` to whoever calls it. */
export function createMemoryKeyValueStore(): KeyValueStore {
  const values = new Map<string, string>();
  return {
    async get(key) {
      const value = values.get(key);
      if (value === undefined) {
        throw storeError('not_found', 'error: not found');
      }
      return value;
    },
    async put(key, value) {
      if (values.has(key)) {
        throw storeError('conflict', 'error: conflict');
      }
      values.set(key, value);
    },
    async delete(key) {
      values.delete(key);
    },
  };
}

function storeError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
