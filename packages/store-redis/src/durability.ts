import { StoreError } from '@rtcd/store';
import { type RedisConnection, redisFailed } from './connection.ts';

/** The settings that decide whether an acknowledged write can be lost. */
interface DurabilitySettings {
  readonly appendonly: string;
  readonly appendfsync: string;
  readonly maxmemory: string;
  readonly 'maxmemory-policy': string;
}

/** Describes the problem with the settings, as advice to the operator. */
function durabilityProblem(settings: DurabilitySettings): string | undefined {
  if (settings.appendonly !== 'yes') return 'appendonly is off; set "appendonly yes" and "appendfsync always"';
  if (settings.appendfsync !== 'always') {
    return `appendfsync is "${settings.appendfsync}", so it replies before a write is on disk; set "appendfsync always"`;
  }
  // Policies named volatile-* evict only keys that expire, and ours do not.
  const policy = settings['maxmemory-policy'];
  if (settings.maxmemory !== '0' && policy.startsWith('allkeys')) {
    return `it evicts keys when its memory is full (maxmemory-policy ${policy}); set "maxmemory-policy noeviction"`;
  }
  return undefined;
}

async function get({ redis }: RedisConnection, name: keyof DurabilitySettings): Promise<string> {
  const [, value] = (await redis.config('GET', name)) as string[];
  return value ?? '';
}

/** Refuses a server that could forget what it has acknowledged. */
export async function checkDurability(connection: RedisConnection): Promise<void> {
  const { where } = connection;
  let settings: DurabilitySettings;
  try {
    settings = {
      appendonly: await get(connection, 'appendonly'),
      appendfsync: await get(connection, 'appendfsync'),
      maxmemory: await get(connection, 'maxmemory'),
      'maxmemory-policy': await get(connection, 'maxmemory-policy'),
    };
  } catch (error) {
    const advice = 'if its operator vouches for it, open the store with durability "trusted"';
    throw new StoreError(
      'unavailable',
      `${redisFailed(where, error).message}, while its durability settings were read; ${advice}`,
    );
  }
  const problem = durabilityProblem(settings);
  if (problem !== undefined) {
    throw new StoreError('unavailable', `the Redis server at ${where} may lose acknowledged writes: ${problem}`);
  }
}
