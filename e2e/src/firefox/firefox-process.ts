import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { type Door, openDoorIn } from '../network/door.ts';
import type { Host } from '../network/host.ts';
import { NullSound } from './null-sound.ts';

/** Names a Firefox to use instead of one in the PATH. */
const browserVariable = 'RTCD_FIREFOX';

const preferences = {
  // A microphone that hums, and no prompt for it.
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
  'media.autoplay.block-webaudio': false,
  'media.block-autoplay-until-in-foreground': false,
  // rtcd listens on loopback alone, and cannot look up mDNS names.
  // Without the permission, Firefox offers the address of the default route alone.
  'permissions.default.microphone': 1,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  // Several pages in one window: those behind must not be slowed down.
  'dom.min_background_timeout_value': 4,
  'dom.timeout.enable_budget_timer_throttling': false,
};

/** Says what Firefox lacks on this machine, or nothing. */
export async function missingForFirefox(): Promise<string | undefined> {
  if ((await findFirefox()) === undefined) return `Firefox, in the PATH or named by ${browserVariable}`;
  if (needsNullSound && !(await runs('pulseaudio'))) return 'pulseaudio, a sound device for Firefox';
  return undefined;
}

/** A browser that waits for commands. */
export interface FirefoxProcess {
  /** URL at which it listens for WebDriver BiDi. */
  readonly bidiUrl: string;
  /** Host and port for the Host header. */
  readonly bidiHost: string;
  /** Resolves once nothing of it is left. */
  stop(): Promise<void>;
}

/** Starts a headless Firefox with a profile of its own, on this machine or on a host of a network of namespaces. */
export async function startFirefox(host?: Host): Promise<FirefoxProcess> {
  const path = await findFirefox();
  if (path === undefined) throw new Error('there is no Firefox');
  const folder = await mkdtemp(join(tmpdir(), 'rtcd-firefox-'));
  const lines = Object.entries(preferences).map(([name, value]) => `user_pref("${name}", ${value});\n`);
  await writeFile(join(folder, 'user.js'), lines.join(''));
  const sound = needsNullSound ? await NullSound.start(folder) : undefined;
  const command = [path, '--headless', '--no-remote', '--profile', folder, '--remote-debugging-port', '0'] as const;
  const [program, ...args] = host?.commandLine(...command) ?? command;
  const child = spawn(program, args, {
    env: { ...process.env, ...sound?.environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit').catch(() => {});
  let door: Door | undefined;
  const stop = async () => {
    child.kill();
    await exited;
    door?.close();
    await sound?.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = new URL(await bidiUrl(child));
    const { host: bidiHost } = url;
    if (host) {
      door = await openDoorIn(host, Number(url.port));
      url.port = String(door.port);
    }
    return { bidiUrl: url.href, bidiHost, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Machines without a sound card need a null sink. On Linux, one is always started, since a sound card is hard to detect. */
const needsNullSound = process.platform === 'linux';

async function findFirefox(): Promise<string | undefined> {
  const named = process.env[browserVariable];
  if (named !== undefined) return named;
  for (const name of ['firefox-esr', 'firefox']) if (await runs(name)) return name;
  return undefined;
}

async function runs(command: string): Promise<boolean> {
  try {
    await promisify(execFile)(command, ['--version']);
    return true;
  } catch {
    return false;
  }
}

/** The WebSocket address that Firefox prints once it listens. */
function bidiUrl(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const printed: string[] = [];
  createInterface(child.stderr!).on('line', (line) => {
    printed.push(line);
    const address = /WebDriver BiDi listening on (ws:\S+)/.exec(line)?.[1];
    if (address !== undefined) resolve(`${address}/session`);
  });
  child.on('error', reject);
  child.on('exit', (code) => reject(new Error(`Firefox ended (${code}):\n${printed.join('\n')}`)));
  return promise;
}
