import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openRedisStore } from '../src/index.ts';
import { startRedisServer } from '../src/testing/index.ts';
import { canRunRedis, startServer, temporaryFolder } from './harness.ts';

/** A port that was free a moment ago: Redis cannot choose one itself. */
const freePort = (): Promise<string> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(String(typeof address === 'object' ? address?.port : address)));
    });
  });

describe.runIf(canRunRedis())('an acknowledged write', () => {
  it('survives a killed server, and the store reconnects', async () => {
    const folder = await temporaryFolder();
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const first = await startRedisServer({ folder });
    const store = await openRedisStore({ url: first.url });
    const writes = Array.from({ length: 200 }, (_, i) => store.put(`key ${i}`, 'value'));
    const settled = Promise.allSettled(writes);
    await Promise.race([writes[50], writes[100]]);
    await first.stop('SIGKILL');
    const results = await settled;
    for (const result of results) if (result.status === 'rejected') expect(result.reason.code).toBe('unavailable');
    await expect(store.put('later', 'value')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`the Redis store at ${first.url} failed: `),
    });

    const second = await startRedisServer({ folder });
    onTestFinished(() => second.stop());
    await vi.waitFor(() => store.set('later', 'value'), { timeout: 20_000 });
    for (const [i, { status }] of results.entries()) {
      if (status === 'fulfilled') expect(await store.get(`key ${i}`)).toBe('value');
    }
    await store.close();
  });

  it('that never came fails with the connection, and does not wait for its timeout', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (data) => {
        // Answers what a connection begins with, and breaks off at the first write.
        for (const command of data.toString().match(/hello|client|info|set\r/gi) ?? []) {
          if (/^set\r/i.test(command)) socket.destroy();
          else socket.write('+OK\r\n');
        }
      });
    }).listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.close();
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const store = await openRedisStore({
      url: `redis://127.0.0.1:${port}`,
      durability: 'trusted',
      timeoutMs: 2 ** 30,
    });
    await expect(store.put('key', 'value')).rejects.toMatchObject({
      code: 'unavailable',
      message: `the Redis store at 127.0.0.1:${port} failed: the connection was lost before the reply arrived`,
    });
    await store.close();
  });

  it('is on as many replicas as requested', { timeout: 30_000 }, async () => {
    const port = await freePort();
    const primary = await startServer({ port, bind: '127.0.0.1', 'repl-diskless-sync-delay': '0' });
    const store = await openRedisStore({ url: primary.url, minReplicas: 1, replicaTimeoutMs: 100 });
    await expect(store.put('key', 'value')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('write acknowledged by 0 of 1 replicas'),
    });

    const replica = await startServer({ replicaof: ['127.0.0.1', port] });
    await vi.waitFor(() => store.set('key', 'replicated'), { timeout: 20_000 });
    const copy = await openRedisStore({ url: replica.url });
    expect(await copy.get('key')).toBe('replicated');
    await expect(copy.set('key', 'changed')).rejects.toMatchObject({ code: 'unavailable' });
    await copy.close();
    await store.close();
  });
});
