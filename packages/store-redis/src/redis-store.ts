import { check, validate } from '@rtcd/boundary';
import { checkKey, checkValue, type Store, StoreError } from '@rtcd/store';
import { connectRedis, type RedisConnection, redisFailed } from './connection.ts';
import { checkDurability } from './durability.ts';
import type { RedisStoreOptions } from './options.ts';

const optionsCheck = check.object<RedisStoreOptions>({
  url: check.string,
  keyPrefix: check.optional(check.string),
  minReplicas: check.optional(check.integer(0)),
  replicaTimeoutMs: check.optional(check.integer(1)),
  timeoutMs: check.optional(check.integer(1)),
  tls: check.optional(check.object<object>({})),
  durability: check.optional(check.oneOf('checked', 'trusted')),
});

/**
 * Opens a store on a Redis server, which any number of processes may share.
 * Rejects with a `StoreError` `unavailable` that names the server if it cannot be reached or is not durable enough, or with
 * `invalid_option`.
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  validate('options', options, optionsCheck, (message) => new StoreError('invalid_option', message));
  const connection = await connectRedis(options);
  try {
    if (options.durability !== 'trusted') await checkDurability(connection);
  } catch (error) {
    connection.redis.disconnect();
    throw error;
  }
  return new RedisStore(connection, options);
}

class RedisStore implements Store {
  readonly #connection: RedisConnection;
  readonly #keyPrefix: string;
  readonly #minReplicas: number;
  readonly #replicaTimeoutMs: number;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(connection: RedisConnection, options: RedisStoreOptions) {
    this.#connection = connection;
    this.#keyPrefix = options.keyPrefix ?? 'rtcd:';
    this.#minReplicas = options.minReplicas ?? 0;
    this.#replicaTimeoutMs = options.replicaTimeoutMs ?? 1_000;
  }

  async put(key: string, value: string): Promise<void> {
    const name = this.#name(key);
    checkValue(value);
    const answer = await this.#run(async ({ redis }) => {
      const isStored = (await redis.set(name, value, 'NX')) === 'OK';
      if (isStored) await this.#awaitReplicas();
      return isStored;
    });
    if (!answer) throw new StoreError('conflict', 'error: conflict');
  }

  async set(key: string, value: string): Promise<void> {
    const name = this.#name(key);
    checkValue(value);
    await this.#run(async ({ redis }) => {
      await redis.set(name, value);
      await this.#awaitReplicas();
    });
  }

  async get(key: string): Promise<string> {
    const name = this.#name(key);
    const value = await this.#run(({ redis }) => redis.get(name));
    if (value === null) throw new StoreError('not_found', 'error: not found');
    return value;
  }

  async delete(key: string): Promise<void> {
    const name = this.#name(key);
    await this.#run(async ({ redis }) => {
      await redis.del(name);
      await this.#awaitReplicas();
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  #name(key: string): string {
    if (this.#closing !== undefined) throw new StoreError('closed', 'error: store is closed');
    checkKey(key);
    return this.#keyPrefix + key;
  }

  async #run<T>(operation: (connection: RedisConnection) => Promise<T>): Promise<T> {
    const running = operation(this.#connection);
    this.#underWay.add(running);
    try {
      return await running;
    } catch (error) {
      throw redisFailed(this.#connection.where, error);
    } finally {
      this.#underWay.delete(running);
    }
  }

  async #awaitReplicas(): Promise<void> {
    if (this.#minReplicas === 0) return;
    const reached = await this.#connection.redis.wait(this.#minReplicas, this.#replicaTimeoutMs);
    if (reached >= this.#minReplicas) return;
    throw new Error(`write acknowledged by ${reached} of ${this.#minReplicas} replicas; it may be lost`);
  }

  async #end(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    const { redis } = this.#connection;
    await redis.quit().catch(() => redis.disconnect());
  }
}
