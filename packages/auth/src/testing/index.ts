export { createMemoryKeyValueStore, createTestAuth } from './test-auth.ts';
