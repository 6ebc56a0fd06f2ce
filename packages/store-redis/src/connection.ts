import { StoreError } from '@rtcd/store';
import { Redis } from 'ioredis';
import type { RedisStoreOptions } from './options.ts';

const DEFAULT_TIMEOUT_MS = 5_000;
const MAX_RECONNECT_WAIT_MS = 2_000;

export interface RedisConnection {
  readonly redis: Redis;
  /** For messages: where the server is, without credentials. */
  readonly where: string;
}

/**
 * Wraps an error as a store's. Without the client's own error as its cause: that carries the command, and so
 * passwords and hashes, to wherever errors are logged.
 */
export function redisFailed(where: string, error: unknown): StoreError {
  const { name, message } = error as Error;
  const what = name === 'MaxRetriesPerRequestError' ? 'the connection was lost before the reply arrived' : message;
  return new StoreError('unavailable', `the Redis store at ${where} failed: ${what}`);
}

function describeUrl(url: string): string {
  if (url.startsWith('/')) return url.replace(/\?.*$/, '');
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'redis:' && parsed?.protocol !== 'rediss:') {
    throw new StoreError(
      'unavailable',
      'invalid Redis URL: should start with "redis://" or "rediss://", or be the absolute path of a socket',
    );
  }
  return parsed.host;
}

/** Connects, or rejects with the reason; once connected, it reconnects by itself. */
export async function connectRedis(options: RedisStoreOptions): Promise<RedisConnection> {
  const where = describeUrl(options.url);
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const redis = new Redis(options.url, {
    connectionName: 'rtcd-store',
    lazyConnect: true,
    // Without a connection an operation fails at once: a queue would have to be bounded, and would answer too late.
    enableOfflineQueue: false,
    // A `SET NX` sent twice would find its own first key and call it a conflict.
    autoResendUnfulfilledCommands: false,
    // What waits for an answer fails with the connection, not at the end of its timeout.
    maxRetriesPerRequest: 0,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    disconnectTimeout: timeoutMs,
    retryStrategy: (attempt) => Math.min(attempt * 100, MAX_RECONNECT_WAIT_MS),
    // After a failover the name may lead to another server by now.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...(options.tls && { tls: options.tls }),
  });
  let lastError: unknown;
  redis.on('error', (error) => {
    lastError = error;
  });
  try {
    await redis.connect();
    return { redis, where };
  } catch (error) {
    redis.disconnect();
    throw redisFailed(where, lastError ?? error);
  }
}
