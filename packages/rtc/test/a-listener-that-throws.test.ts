import { once } from 'node:events';
import { encodeSessionDescription, RtcMessageType, type SessionConfig } from '@rtcd/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSfu, openSfuThread, type SfuFront, silentLogger } from '../src/index.ts';
import { joinCall } from '../src/testing/index.ts';

const LOOPBACK = { udpAddress: '127.0.0.1', udpPort: 0 };

const configOf = (sessionID: string): SessionConfig => ({
  groupID: 'group',
  callID: 'call',
  userID: 'user',
  sessionID,
  props: { channelID: 'channel', av1Support: false, dcSignaling: false },
});

const bug = () => {
  throw new Error('a bug in a listener');
};

/** A first offer that cannot be read ends its session. On the caller's thread, the refusal is thrown. */
function receiveUnreadable(sfu: SfuFront, sessionID: string): void {
  const data = encodeSessionDescription({ type: 'offer', sdp: 'v=0' });
  try {
    sfu.receive({ ...configOf(sessionID), type: RtcMessageType.SDP, data });
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_sdp' });
  }
}

describe.each([
  ['an SFU on a thread of its own', openSfuThread],
  ["an SFU on the caller's thread", openSfu],
])('of %s', (_, open) => {
  async function start() {
    const lines: [object, string][] = [];
    const error = (fields: object, message: string) => void lines.push([fields, message]);
    const sfu: SfuFront & { close(): Promise<void> } = await open({ ...LOOPBACK, logger: { ...silentLogger, error } });
    onTestFinished(() => sfu.close());
    return { sfu, lines };
  }

  it('is reported and logged, while calls continue and other listeners are called', async () => {
    const { sfu, lines } = await start();
    sfu.on('message', bug);
    // There are more errors than the awaited one. Without a listener, each would be a warning of the process.
    sfu.on('listenerError', () => {});
    const reported = once(sfu, 'listenerError');
    const alice = await joinCall(sfu, { sessionID: 'alice' });
    const bob = await joinCall(sfu, { sessionID: 'bob' });
    onTestFinished(async () => {
      await Promise.all([alice.close(), bob.close()]);
    });
    await bob.hears('alice');
    expect(await reported).toMatchObject([{ code: 'listener_failed', cause: { message: 'a bug in a listener' } }]);
    expect(lines[0]).toMatchObject([{ err: { code: 'listener_failed' } }, 'listener failed']);
  });

  it('about the end of a session keeps no other session from being reported', async () => {
    const { sfu } = await start();
    const errors: unknown[] = [];
    sfu.on('listenerError', (error) => errors.push(error.cause));
    sfu.on('sessionClosed', bug);
    const ended: string[] = [];
    sfu.on('sessionClosed', ({ config }) => ended.push(config.sessionID));
    for (const sessionID of ['alice', 'bob']) sfu.join(configOf(sessionID));
    const closed = once(sfu, 'sessionClosed');
    receiveUnreadable(sfu, 'alice');
    await closed;
    sfu.leave('group', 'bob');
    expect(ended).toEqual(['alice', 'bob']);
    expect(errors).toHaveLength(2);
  });

  it('and whose promise is rejected is reported, too', async () => {
    const { sfu } = await start();
    sfu.on('sessionClosed', async () => bug());
    const reported = once(sfu, 'listenerError');
    sfu.join(configOf('alice'));
    sfu.leave('group', 'alice');
    expect(await reported).toMatchObject([{ code: 'listener_failed' }]);
  });
});
