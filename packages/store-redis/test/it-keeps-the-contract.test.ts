import { rm } from 'node:fs/promises';
import { storeContract } from '@rtcd/store/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { openRedisStore } from '../src/index.ts';
import { type RedisServer, startRedisServer } from '../src/testing/index.ts';
import { canRunRedis, temporaryFolder } from './harness.ts';

describe.runIf(canRunRedis())('the Redis store', () => {
  let folder: string;
  let server: RedisServer;
  let opened = 0;

  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startRedisServer({ folder });
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  storeContract({ describe, it }, () => openRedisStore({ url: server.url, keyPrefix: `store ${opened++}:` }));
});
