import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { connectClient, handled, joinHeadless, talk, untilHears } from './headless-calls.ts';
import { outputUntil, startRtcdProcess } from './rtcd-process.ts';

// It starts a process, which takes a second and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const preload = fileURLToPath(new URL('fixtures/blockable.mjs', import.meta.url));

it('every packet of a call is forwarded while the main thread does nothing, and what waited is done afterwards', async () => {
  const { child, url } = await startRtcdProcess({ NODE_OPTIONS: `--import=${preload}` });
  const client = await connectClient({ url });
  const alice = await joinHeadless(client, 'alice');
  const bob = await joinHeadless(client, 'bob', { dcSignaling: true });
  await Promise.all([untilHears(alice, 'bob', client), untilHears(bob, 'alice', client)]);
  const heard = () => [alice.received('bob')!.packets, bob.received('alice')!.packets];
  const before = heard();

  child.kill('SIGUSR2');
  await outputUntil(child.stdout, 'main thread blocked');
  let isAnswered = false;
  const health = fetch(`${url}/healthz`).then(({ status }) => {
    isAnswered = true;
    return status;
  });
  await Promise.all([talk(alice, 'alice', bob, 100), talk(bob, 'bob', alice, 100)]);
  // Data channels are the media thread's, too.
  await untilHears(bob, 'alice');
  expect(heard()).toEqual(before.map((packets) => packets + 100));
  expect(isAnswered).toBe(false);

  child.stdin.write('\n');
  await outputUntil(child.stdout, 'main thread released');
  expect(await health).toBe(200);
  await handled(client);
  await talk(alice, 'alice', bob, 10);
});
