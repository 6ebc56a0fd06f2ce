import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { hasRedisServer, type RedisServer, type RedisSettings, startRedisServer } from '../src/testing/index.ts';

/**
 * True if the tests against a real server can run. With `REQUIRE_REDIS` set a missing server is an error; otherwise
 * the tests are skipped, and this says so.
 */
export function canRunRedis(): boolean {
  if (hasRedisServer()) return true;
  const reason = 'there is no redis-server in the PATH (Debian package redis-server)';
  if (process.env.REQUIRE_REDIS) throw new Error(`cannot test @rtcd/store-redis: ${reason}`);
  console.warn(`skipping the tests of @rtcd/store-redis: ${reason}`);
  return false;
}

export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'rtcd-redis-'));

/** A server that ends with the test, and its folder with it. */
export async function startServer(settings: RedisSettings = {}): Promise<RedisServer> {
  const folder = await temporaryFolder();
  const server = await startRedisServer({ folder, settings });
  onTestFinished(async () => {
    // A primary that is asked to stop waits for its replicas.
    await server.stop('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  return server;
}
