import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { connectClient, joinHeadless, talk, untilHears } from './headless-calls.ts';
import { outputUntil, startRtcdProcess } from './rtcd-process.ts';

// It starts a process, which takes a second and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

it('after SIGTERM, a running call continues and can be joined, no other begins, and the last leave ends the process', async () => {
  const { child, exit, url } = await startRtcdProcess();
  const client = await connectClient({ url });
  const alice = await joinHeadless(client, 'alice');
  const bob = await joinHeadless(client, 'bob');
  await untilHears(bob, 'alice', client);

  child.kill('SIGTERM');
  await outputUntil(child.stdout, 'drain started: new calls refused');
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  // As much as no machine reports that accepts calls: clients that go by load place calls elsewhere.
  expect((await client.getSystemInfo()).cpuLoad).toBeGreaterThan(100);

  const refused = once(client, 'sessionClosed');
  client.join({
    callID: 'another call',
    userID: 'dave',
    sessionID: 'dave',
    channelID: '',
    av1Support: false,
    dcSignaling: false,
  });
  expect(await refused).toEqual(['dave']);

  const other = await connectClient({ url });
  const carol = await joinHeadless(other, 'carol');
  await untilHears(carol, 'alice', other);
  await talk(alice, 'alice', carol, 10);
  await bob.heard('alice', 10);

  client.leave('alice');
  await bob.close();
  other.leave('carol');
  await outputUntil(child.stdout, 'drain finished: last session ended');
  expect(await exit).toBe(0);
});
