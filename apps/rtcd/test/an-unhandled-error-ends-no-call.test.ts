import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { canMountDisks, mountSmallDisk } from '../../../packages/store/test/small-disk.ts';
import { connectClient, joinHeadless, talk, untilHears } from './headless-calls.ts';
import { samples } from './prometheus.ts';
import { outputUntil, spawnRtcd, startRtcdProcess } from './rtcd-process.ts';
import { ask, KEY } from './support.ts';

// Each test starts a process, which takes a second and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const preload = (name: string) => ({
  NODE_OPTIONS: `--import=${fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))}`,
});

async function startCall(url: string) {
  const client = await connectClient({ url });
  const alice = await joinHeadless(client, 'alice');
  const bob = await joinHeadless(client, 'bob');
  await untilHears(bob, 'alice', client);
  return { client, alice, bob };
}

async function unhandledErrors(url: string): Promise<Readonly<Record<string, number>>> {
  const { body } = await ask(`${url}/metrics`);
  const series = samples(body, 'rtcd_process_unhandled_errors_total');
  return Object.fromEntries(series.map(({ labels, value }) => [labels.kind, value]));
}

it('is logged with its origin and counted, and calls continue', async () => {
  const { child, exit, url } = await startRtcdProcess(preload('unhandled-errors.mjs'));
  const { client, alice, bob } = await startCall(url);
  expect(await unhandledErrors(url)).toEqual({ exception: 0, rejection: 0 });

  child.kill('SIGUSR2');
  expect(await outputUntil(child.stdout, 'thrown from a timer')).toMatch(
    /ERROR.*unhandled exception: process continued.*"origin":"throwFromTimer .*unhandled-errors\.mjs:\d+/,
  );
  child.kill('SIGUSR2');
  expect(await outputUntil(child.stdout, 'rejected without a handler')).toMatch(
    /ERROR.*unhandled rejection: process continued.*"origin":".*unhandled-errors\.mjs:\d+/,
  );
  child.kill('SIGUSR2');
  expect(await outputUntil(child.stdout, 'not even an error')).toMatch(/unhandled rejection: process continued/);
  expect(await unhandledErrors(url)).toEqual({ exception: 1, rejection: 2 });

  await talk(alice, 'alice', bob, 10);
  const carol = await joinHeadless(client, 'carol');
  await untilHears(carol, 'alice', client);

  child.kill('SIGTERM');
  await outputUntil(child.stdout, 'drain started');
  for (const sessionID of ['alice', 'bob', 'carol']) client.leave(sessionID);
  expect(await exit).toBe(0);
});

it('ends the process with its stack on stderr while the service starts', async () => {
  const { child, exit } = await spawnRtcd({ environment: preload('error-at-start.mjs') });
  expect(await outputUntil(child.stderr, 'thrown at the start')).toMatch(/^rtcd: Error: thrown at the start\n +at /);
  expect(await exit).toBe(1);
});

describe.runIf(canMountDisks)('a full disk', () => {
  it('refuses registrations until there is space, while calls continue', async () => {
    const disk = mountSmallDisk();
    const { child, exit, url } = await startRtcdProcess({ RTCD_STORE_DATASOURCE: join(disk.path, 'store') });
    const { client, alice, bob } = await startCall(url);
    disk.fill();

    for (const clientID of ['second', 'third']) {
      const { status, body } = await ask(`${url}/register`, { body: { clientID, authKey: KEY } });
      expect({ status, ...JSON.parse(body) }).toEqual({
        status: 500,
        code: '500',
        error: expect.stringMatching(/^registration failed: /),
      });
    }
    await talk(alice, 'alice', bob, 10);
    await untilHears(await joinHeadless(client, 'carol'), 'alice', client);
    expect(await unhandledErrors(url)).toEqual({ exception: 0, rejection: 0 });

    disk.free();
    const { status } = await ask(`${url}/register`, { body: { clientID: 'second', authKey: KEY } });
    expect(status).toBe(201);
    await connectClient({ url }, 'second');

    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    child.kill('SIGINT');
    await exited;
    expect(await exit).toBe(0);
  });
});
