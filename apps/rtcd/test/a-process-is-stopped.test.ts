import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { connectClient, handled, joinHeadless, talk, untilHears } from './headless-calls.ts';
import { scrape } from './prometheus.ts';
import { startRtcdProcess } from './rtcd-process.ts';

// It starts a process, which takes a second and more on a busy machine, and stops it for longer than any session waits for its first offer.
vi.setConfig({ testTimeout: 60_000 });
const PAUSE_MS = 12_000;

it('after SIGSTOP and SIGCONT, no session is closed and no peer taken for silent whose packets wait to be read', async () => {
  const rtcd = await startRtcdProcess();
  const client = await connectClient(rtcd);
  const alice = await joinHeadless(client, 'alice');
  const bob = await joinHeadless(client, 'bob');
  await untilHears(bob, 'alice', client);
  const closed: string[] = [];
  client.on('sessionClosed', (sessionID) => closed.push(sessionID));
  const carol = { callID: 'call', userID: 'carol', sessionID: 'carol', channelID: '' };
  client.join({ ...carol, av1Support: false, dcSignaling: false });
  await handled(client);

  rtcd.child.kill('SIGSTOP');
  await wait(PAUSE_MS);
  rtcd.child.kill('SIGCONT');

  await talk(alice, 'alice', bob, 10);
  await handled(client);
  expect(closed.filter((sessionID) => ['alice', 'bob', 'carol'].includes(sessionID))).toEqual([]);
  const after = await scrape(rtcd);
  expect(after('rtcd_rtc_conn_states_total', { type: 'connected' })).toBe(2);
  expect(after('rtcd_rtc_conn_states_total', { type: 'disconnected' })).toBe(0);
});
