import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DemoError } from './errors.ts';

export interface RtcdProcessOptions {
  /** `host:port` of rtcd's HTTP API; without a host all interfaces. */
  readonly apiAddress: string;
  /** Folder of rtcd's store. */
  readonly dataFolder: string;
  /** More of rtcd's environment variables (`RTCD_...`). */
  readonly environment?: Readonly<Record<string, string>>;
  /** Takes what rtcd prints. */
  readonly output: (text: string) => void;
}

/** An rtcd that runs as a process of its own. */
export interface RtcdProcess {
  readonly url: string;
  readonly pid: number | undefined;
  /** Secret key of rtcd's admin: `RTCD_API_SECURITY_ADMINSECRETKEY`, or one that is made up for this process. */
  readonly adminSecret: string;
  /** Resolves once the API answers. Rejects with a DemoError if rtcd ends before or takes too long. */
  readonly ready: Promise<void>;
  /** Resolves with the exit code once the process has ended; an end by a signal counts as 1. */
  readonly exited: Promise<number>;
  /** Asks rtcd to drain and end; resolves when it has. What hangs for longer than 10 s is killed. */
  stop(): Promise<void>;
}

const readyTimeoutMs = 30_000;
const readyPollMs = 50;
const stopGraceMs = 10_000;

/** Starts rtcd on this same Node, open to self-registration. */
export function startRtcd({ apiAddress, dataFolder, environment, output }: RtcdProcessOptions): RtcdProcess {
  const rtcdFolder = dirname(createRequire(import.meta.url).resolve('rtcd/package.json'));
  const adminSecret = process.env.RTCD_API_SECURITY_ADMINSECRETKEY || randomBytes(32).toString('base64url');
  const child = spawn(process.execPath, [join(rtcdFolder, 'src/main.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      RTCD_API_HTTP_LISTENADDRESS: apiAddress,
      RTCD_API_SECURITY_ALLOWSELFREGISTRATION: 'true',
      RTCD_API_SECURITY_ENABLEADMIN: 'true',
      RTCD_API_SECURITY_ADMINSECRETKEY: adminSecret,
      RTCD_STORE_DATASOURCE: dataFolder,
      RTCD_LOGGER_ENABLEFILE: 'false',
      ...environment,
    },
  });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', output);
  const exited = new Promise<number>((resolve) => {
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code ?? 1));
  });
  const url = `http://${apiAddress.replace(/^(0\.0\.0\.0)?:/, '127.0.0.1:')}`;
  const stop = () => stopChild(child, exited);
  return { url, pid: child.pid, adminSecret, ready: untilReady(url, exited), exited, stop };
}

async function untilReady(url: string, exited: Promise<number>): Promise<void> {
  let exitCode: number | undefined;
  void exited.then((code) => {
    exitCode = code;
  });
  const deadline = Date.now() + readyTimeoutMs;
  while (exitCode === undefined) {
    if (await answers(url)) return;
    if (Date.now() > deadline) {
      throw new DemoError('rtcd_failed', `rtcd at ${url} did not respond within ${readyTimeoutMs / 1000} s`);
    }
    await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, readyPollMs))]);
  }
  throw new DemoError('rtcd_failed', `rtcd exited with code ${exitCode}: see its last line above`);
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/version`)).ok;
  } catch {
    return false;
  }
}

async function stopChild(child: ChildProcess, exited: Promise<number>): Promise<void> {
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), stopGraceMs);
  await exited;
  clearTimeout(kill);
}
