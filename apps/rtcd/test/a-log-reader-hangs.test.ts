import { RtcMessageType } from '@rtcd/protocol';
import { expect, it, vi } from 'vitest';
import { connectClient, handled, joinHeadless, talk, untilHears } from './headless-calls.ts';
import { startRtcdProcess } from './rtcd-process.ts';

// It starts a process, which takes a second and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** More lines than a pipe and the buffers on both sides of it hold. */
const MESSAGES = 3_000;

it('calls continue while nothing reads the console, and the process ends when it is asked to', async () => {
  // It reads the output up to the address, and nothing after that.
  const { child, exit, url } = await startRtcdProcess({ RTCD_LOGGER_CONSOLELEVEL: 'DEBUG' });
  const client = await connectClient({ url });
  const alice = await joinHeadless(client, 'alice');
  const bob = await joinHeadless(client, 'bob');
  await untilHears(bob, 'alice', client);
  const unmute = { groupID: '', callID: 'call', userID: 'user', sessionID: 'alice', type: RtcMessageType.Unmute };
  for (let message = 0; message < MESSAGES; message++) client.sendRtc({ ...unmute, data: new Uint8Array(0) });
  await handled(client);
  await talk(alice, 'alice', bob, 10);

  child.kill('SIGTERM');
  for (const sessionID of ['alice', 'bob']) client.leave(sessionID);
  expect(await exit).toBe(0);
});
