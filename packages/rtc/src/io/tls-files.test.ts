import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { type Clock, silentLogger } from '../ports.ts';
import { virtualClock } from '../testing/virtual-clock.ts';
import { VirtualTime } from '../testing/virtual-time.ts';
import { TlsCertificate, type TlsFiles } from './tls-files.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));

let files: TlsFiles;
let time: VirtualTime;
let lines: string[];
/** Timers set so far: one at the start, and one after each look. */
let timers: number;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rtcd-tls-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  files = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
  time = new VirtualTime();
  lines = [];
  timers = 0;
  await install('first');
});

async function install(name: string): Promise<void> {
  await copyFile(fixture(`${name}.crt`), files.certFile);
  await copyFile(fixture(`${name}.key`), files.keyFile);
}

const line = (_fields: object, message: string) => void lines.push(message);

function open(): Promise<TlsCertificate> {
  const clock = virtualClock(time);
  const setTimer: Clock['setTimer'] = (callback, delayMs) => {
    timers += 1;
    return clock.setTimer(callback, delayMs);
  };
  return TlsCertificate.open(files, { ...clock, setTimer }, { ...silentLogger, info: line, warn: line });
}

it('is read again, and replaced when it has changed', async () => {
  const certificate = await open();
  const before = certificate.identity;
  await install('second');
  time.runFor(60_000);
  await vi.waitFor(() => expect(certificate.identity).not.toBe(before));
  expect(certificate.identity.cert).not.toBe(before.cert);
  expect(lines).toEqual(['TLS certificate for media reloaded']);
  certificate.close();
});

it('is kept while the files do not match, which is reported once', async () => {
  const certificate = await open();
  const before = certificate.identity;
  await copyFile(fixture('second.crt'), files.certFile);
  for (const looks of [1, 2]) {
    time.runFor(60_000);
    await vi.waitFor(() => expect(timers).toBe(1 + looks));
  }
  expect(lines).toEqual(['TLS certificate for media not reloaded']);
  expect(certificate.identity).toBe(before);
  certificate.close();
});

it.each([
  ['missing', (file: string) => rm(file)],
  ['no PEM', (file: string) => writeFile(file, 'nonsense')],
])('is refused at the start if a file is %s', async (_, spoil) => {
  for (const name of ['certFile', 'keyFile'] as const) {
    await install('first');
    await spoil(files[name]);
    const error = { code: 'invalid_option', message: expect.stringContaining(files[name]) };
    await expect(open()).rejects.toMatchObject(error);
  }
});
