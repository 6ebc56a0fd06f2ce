import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
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

export interface RtcdOnHostOptions {
  /** Further variables, as `RTCD_...`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The API and the TCP port for media take TLS. Default false. */
  readonly tls?: boolean;
}

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../packages/rtc/test/fixtures/${name}`, import.meta.url));
const TLS = { certificate: fixture('first.crt'), key: fixture('first.key') };

/** Starts rtcd on a host. Resolves once it serves clients. */
export async function startRtcdOn(
  host: Host,
  { environment = {}, tls = false }: RtcdOnHostOptions = {},
): Promise<RtcdOnHost> {
  if (tls) setDefaultCACertificates([...getCACertificates(), readFileSync(TLS.certificate, 'utf8')]);
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
      RTCD_LOGGER_CONSOLEJSON: 'true',
      ...(tls && {
        RTCD_API_HTTP_TLS_ENABLE: 'true',
        RTCD_API_HTTP_TLS_CERTFILE: TLS.certificate,
        RTCD_API_HTTP_TLS_CERTKEY: TLS.key,
      }),
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
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${door.port}`, adminSecret, log, close };
}
