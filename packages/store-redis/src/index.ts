export type { RedisStoreOptions } from './options.ts';
export { openRedisStore } from './redis-store.ts';
