import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** Directives of redis.conf by name. */
export type RedisSettings = Readonly<Record<string, string | readonly string[]>>;

/** Location of a test's server, and its differences from a durable one. */
export interface RedisServerOptions {
  /** Folder of its data and its socket. */
  readonly folder: string;
  /** Settings beyond, or instead of, those of a durable server; several words as an array. */
  readonly settings?: RedisSettings;
}

/** A running redis-server of a test. Stop it before removing its folder. */
export interface RedisServer {
  /** The path of its Unix socket: a `url` for `openRedisStore`. */
  readonly url: string;
  /** Ends it, by default as the operating system would at shutdown; resolves when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Reports whether the program `redis-server` is installed (Debian package `redis-server`). */
export const hasRedisServer = (): boolean => spawnSync('redis-server', ['--version']).status === 0;

/** Starts a real redis-server for tests: on a Unix socket only, syncing each write by default. */
export async function startRedisServer({ folder, settings = {} }: RedisServerOptions): Promise<RedisServer> {
  const socket = join(folder, 'redis.sock');
  const all: RedisSettings = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir: folder,
    save: '',
    appendonly: 'yes',
    appendfsync: 'always',
    ...settings,
  };
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, ...[value].flat()]);
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  await ready(server);
  return {
    url: socket,
    stop: async (signal = 'SIGTERM') => {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const exited = once(server, 'exit');
      server.kill(signal);
      await exited;
    },
  };
}

/** One line per way in: the one for TCP comes first. */
const READY = /ready to accept connections (at|unix)/i;

const ready = (server: ChildProcessByStdio<null, Readable, Readable>): Promise<void> =>
  new Promise((resolve, reject) => {
    let log = '';
    const onOutput = (chunk: Buffer) => {
      log += chunk;
      if (!READY.test(log)) return;
      for (const output of [server.stdout, server.stderr]) output.off('data', onOutput).resume();
      resolve();
    };
    for (const output of [server.stdout, server.stderr]) output.on('data', onOutput);
    server.once('error', reject);
    server.once('close', (code) => reject(new Error(`redis-server ended with ${code}:\n${log}`)));
  });
