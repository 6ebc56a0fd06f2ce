import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openRedisStore } from '../src/index.ts';
import type { RedisSettings } from '../src/testing/index.ts';
import { canRunRedis, startServer } from './harness.ts';

const refused = (message: string) => ({ code: 'unavailable', message: expect.stringContaining(message) });

describe.runIf(canRunRedis())('opening fails, with advice, when the server', () => {
  it.each<[string, RedisSettings, string]>([
    ['keeps no log', { appendonly: 'no' }, 'appendonly is off; set "appendonly yes" and "appendfsync always"'],
    ['syncs once a second', { appendfsync: 'everysec' }, 'appendfsync is "everysec"'],
    ['evicts', { maxmemory: '100mb', 'maxmemory-policy': 'allkeys-lru' }, 'maxmemory-policy allkeys-lru'],
    ['does not tell', { 'rename-command': ['CONFIG', 'hidden'] }, 'open the store with durability "trusted"'],
  ])('%s', async (_name, settings, advice) => {
    const { url } = await startServer(settings);
    await expect(openRedisStore({ url })).rejects.toMatchObject(refused(advice));
    await expect(openRedisStore({ url })).rejects.toMatchObject(refused(url));
    const store = await openRedisStore({ url, durability: 'trusted' });
    await store.put('key', 'value');
    await store.close();
  });

  it('requires a password, without revealing the one that was tried', async () => {
    const { url } = await startServer({ requirepass: 'right' });
    await expect(openRedisStore({ url })).rejects.toMatchObject(refused('NOAUTH'));
    const error = await openRedisStore({ url: `${url}?password=wrong-secret` }).catch((reason: unknown) => reason);
    expect(error).toMatchObject(refused('WRONGPASS'));
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('wrong-secret');
    await (await openRedisStore({ url: `${url}?password=right` })).close();
  });
});

describe('opening fails when the server', () => {
  it('does not exist', async () => {
    const url = '/nowhere/redis.sock';
    await expect(openRedisStore({ url })).rejects.toMatchObject(
      refused(`the Redis store at ${url} failed: connect ENOENT`),
    );
  });

  it('does not respond', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    onTestFinished(() => {
      server.close();
    });
    const url = `redis://user:secret@127.0.0.1:${port}`;
    const error: unknown = await openRedisStore({ url, timeoutMs: 50 }).catch((reason: unknown) => reason);
    expect(error).toMatchObject(refused(`the Redis store at 127.0.0.1:${port} failed: `));
    expect(String(error)).not.toContain('secret');
  });

  it.each(['', 'localhost', 'http://localhost', 'redis//localhost'])('has no usable URL (%j)', async (url) => {
    await expect(openRedisStore({ url })).rejects.toMatchObject(refused('invalid Redis URL'));
  });
});
