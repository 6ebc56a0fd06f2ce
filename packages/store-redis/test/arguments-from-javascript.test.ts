import { expect, it } from 'vitest';
import { openRedisStore, type RedisStoreOptions } from '../src/index.ts';

const url = 'redis://127.0.0.1:1';

it.each<[string, unknown]>([
  ['options', undefined],
  ['url', {}],
  ['url', { url: 6379 }],
  ['keyPrefix', { url, keyPrefix: 5 }],
  ['minReplicas', { url, minReplicas: -1 }],
  ['replicaTimeoutMs', { url, replicaTimeoutMs: '1s' }],
  ['timeoutMs', { url, timeoutMs: 0 }],
  ['tls', { url, tls: true }],
  ['durability', { url, durability: 'maybe' }],
])('openRedisStore names %s if it is wrong', async (field, options) => {
  await expect(openRedisStore(options as RedisStoreOptions)).rejects.toMatchObject({
    name: 'StoreError',
    code: 'invalid_option',
    message: expect.stringContaining(`invalid ${field} value: should be `),
  });
});
