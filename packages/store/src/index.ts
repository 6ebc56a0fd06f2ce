export { StoreError, type StoreErrorCode } from './errors.ts';
export { checkKey, checkValue, MAX_KEY_BYTES, MAX_VALUE_BYTES } from './limits.ts';
export { checkLmdbFolder, type LmdbStoreOptions, openLmdbStore } from './lmdb/lmdb-store.ts';
export { createMemoryStore } from './memory-store.ts';
export type { Store } from './store.ts';
