import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRedisStore } from '@rtcd/store-redis';
import { startRedisServer } from '@rtcd/store-redis/testing';

const folder = await mkdtemp(join(tmpdir(), 'redis-'));
const server = await startRedisServer({ folder });
const store = await openRedisStore({ url: server.url });

await store.set('key', 'value');
console.log(await store.get('key')); // value

await store.close();
await server.stop();
await rm(folder, { recursive: true });
