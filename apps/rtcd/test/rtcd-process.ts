import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { freeMediaPort } from './free-media-port.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** A folder that is gone with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rtcd-cli-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

export interface ProcessOptions {
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The text of its config file; without it there is none. */
  readonly config?: string;
  /** Command and arguments that start the process in other surroundings, such as another network. */
  readonly within?: readonly string[];
}

export interface RtcdProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly exit: Promise<number | null>;
  /** Its working folder, where its log and its data are. */
  readonly folder: string;
}

/** The service as a process of its own, on free loopback ports; killed at the end of the test if it still runs. */
export async function spawnRtcd(options: ProcessOptions = {}): Promise<RtcdProcess> {
  const { args = [], environment = {}, config, within = [] } = options;
  const folder = await temporaryFolder();
  const configPath = join(folder, 'rtcd.toml');
  const mediaPort = String(await freeMediaPort());
  if (config !== undefined) await writeFile(configPath, config);
  const [command, ...rest] = [...within, process.execPath, MAIN];
  const child = spawn(command!, [...rest, ...(config === undefined ? [] : ['--config', configPath]), ...args], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      RTCD_API_HTTP_LISTENADDRESS: '127.0.0.1:0',
      RTCD_RTC_ICEADDRESSUDP: '127.0.0.1',
      RTCD_RTC_ICEPORTUDP: mediaPort,
      RTCD_RTC_ICEADDRESSTCP: '127.0.0.1',
      RTCD_RTC_ICEPORTTCP: mediaPort,
      RTCD_STORE_DATASOURCE: join(folder, 'db'),
      ...environment,
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  return { child, exit, folder };
}

/** Resolves with all output up to a line that holds the words. */
export async function outputUntil(stream: Readable, words: string): Promise<string> {
  let output = '';
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    output += chunk;
    if (output.includes(words)) return output;
  }
  throw new Error(`the output ended without ${JSON.stringify(words)}: ${output}`);
}

/** The same once it serves clients, who may register themselves; with its address. */
export async function startRtcdProcess(
  environment: ProcessOptions['environment'] = {},
): Promise<RtcdProcess & { readonly url: string }> {
  const rtcd = await spawnRtcd({ environment: { RTCD_API_SECURITY_ALLOWSELFREGISTRATION: 'true', ...environment } });
  const output = await outputUntil(rtcd.child.stdout, 'registration store opened');
  return { ...rtcd, url: /"url":"(http:[^"]+)"/.exec(output)![1]! };
}
