export { createMemoryKeyValueStore } from './memory-key-value-store.ts';
export { createTestAuth } from './test-auth.ts';
