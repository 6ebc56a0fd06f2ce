import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Door, openDoorIn } from './door.ts';
import type { Host } from './host.ts';

const API_PORT = 8045;

/** rtcd in a process on a host; its API is reachable from this machine. */
export interface RtcdOnHost {
  readonly url: string;
  readonly adminSecret: string;
  readonly log: string[];
  close(): Promise<void>;
}

/** Starts rtcd on a host, with further environment variables (`RTCD_...`). Resolves once it serves clients. */
export async function startRtcdOn(host: Host, environment: Readonly<Record<string, string>> = {}): Promise<RtcdOnHost> {
  const main = join(dirname(createRequire(import.meta.url).resolve('rtcd/package.json')), 'src/main.ts');
  const folder = await mkdtemp(join(tmpdir(), 'rtcd-network-'));
  const adminSecret = randomBytes(32).toString('base64url');
  const [program, ...args] = host.commandLine(process.execPath, main);
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      RTCD_API_HTTP_LISTENADDRESS: `127.0.0.1:${API_PORT}`,
      RTCD_API_SECURITY_ALLOWSELFREGISTRATION: 'true',
      RTCD_API_SECURITY_ENABLEADMIN: 'true',
      RTCD_API_SECURITY_ADMINSECRETKEY: adminSecret,
      RTCD_STORE_DATASOURCE: join(folder, 'db'),
      RTCD_LOGGER_ENABLEFILE: 'false',
      RTCD_LOGGER_CONSOLELEVEL: 'DEBUG',
      ...environment,
    },
  });
  const log: string[] = [];
  const exited = once(child, 'exit');
  const serving = Promise.withResolvers<void>();
  createInterface(child.stdout).on('line', (line) => {
    log.push(`${line}\n`);
    if (line.includes('registration store opened')) serving.resolve();
  });
  void exited.then(([code]) => serving.reject(new Error(`rtcd ended with ${code}:\n${log.join('')}`)));
  let door: Door | undefined;
  const close = async () => {
    // It would drain.
    child.kill('SIGKILL');
    await exited;
    door?.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await serving.promise;
    door = await openDoorIn(host, API_PORT);
  } catch (error) {
    await close();
    throw error;
  }
  return { url: `http://127.0.0.1:${door.port}`, adminSecret, log, close };
}
