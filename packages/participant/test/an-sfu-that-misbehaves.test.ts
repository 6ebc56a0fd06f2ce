import { decodeSessionDescription, encodeSessionDescription, RtcMessageType } from '@rtcd/protocol';
import { openSfu } from '@rtcd/rtc';
import { describe, expect, it, onTestFinished } from 'vitest';
import { joinCall, type Signaling, type SignalingHandlers, sfuSignaling } from '../src/index.ts';

/** Signaling in the hands of the test. */
function scriptedSignaling() {
  const sent: RtcMessageType[] = [];
  let handlers: SignalingHandlers | undefined;
  let isClosed = false;
  const signaling: Signaling = {
    open: (_, opened) => {
      handlers = opened;
      return {
        send: (type) => sent.push(type),
        close: () => {
          isClosed = true;
        },
      };
    },
  };
  return { signaling, sent, isClosed: () => isClosed, handlers: () => handlers! };
}

const text = (value: string) => new TextEncoder().encode(value);
const options = { callID: 'call', sessionID: 'alice', addresses: ['127.0.0.1'] };

async function openEmbedded() {
  const sfu = await openSfu({ udpAddress: '127.0.0.1', udpPort: 0 });
  onTestFinished(() => sfu.close());
  return { sfu, signaling: sfuSignaling(sfu, 'group') };
}

describe('joining', () => {
  it('fails if nothing answers in time, and leaves', async () => {
    const { signaling, sent, isClosed } = scriptedSignaling();
    await expect(joinCall({ ...options, signaling, timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout' });
    expect(sent).toEqual([RtcMessageType.SDP]);
    expect(isClosed()).toBe(true);
  });

  it('does not connect to an SFU with another key than announced', async () => {
    const { signaling } = await openEmbedded();
    const forged = `a=fingerprint:sha-256 ${Array(32).fill('00').join(':')}`;
    const tampered: Signaling = {
      open: (session, handlers) =>
        signaling.open(session, {
          ...handlers,
          onMessage: (type, data) => {
            const { type: kind, sdp } = decodeSessionDescription(data);
            const description = { type: kind, sdp: sdp.replaceAll(/a=fingerprint:.*/g, forged) };
            handlers.onMessage(type, encodeSessionDescription(description));
          },
        }),
    };
    await expect(joinCall({ ...options, signaling: tampered, timeoutMs: 1_000 })).rejects.toMatchObject({
      code: 'timeout',
    });
    const honest = await joinCall({ ...options, sessionID: 'bob', signaling, timeoutMs: 5_000 });
    await honest.leave();
  });

  it('fails at once if the session is closed', async () => {
    const { signaling, handlers } = scriptedSignaling();
    const joining = joinCall({
      ...options,
      signaling: {
        open: (...args) => {
          const link = signaling.open(...args);
          queueMicrotask(() => handlers().onClosed('refused'));
          return link;
        },
      },
    });
    await expect(joining).rejects.toMatchObject({ code: 'connection_lost', message: 'refused' });
  });

  it('fails if it is aborted, before and after it has begun', async () => {
    const { signaling } = scriptedSignaling();
    const before = joinCall({ ...options, signaling, signal: AbortSignal.abort() });
    await expect(before).rejects.toMatchObject({ code: 'aborted' });
    const controller = new AbortController();
    const after = joinCall({
      ...options,
      signaling: {
        open: (...args) => {
          queueMicrotask(() => controller.abort());
          return signaling.open(...args);
        },
      },
      signal: controller.signal,
    });
    await expect(after).rejects.toMatchObject({ code: 'aborted' });
  });

  it('fails with the error of the SFU if that refuses the session', async () => {
    const { signaling } = await openEmbedded();
    const alice = await joinCall({ ...options, signaling });
    onTestFinished(() => alice.leave());
    await expect(joinCall({ ...options, signaling })).rejects.toMatchObject({ code: 'session_exists' });
  });

  it.each([
    ['callID', { callID: '' }],
    ['signaling', { signaling: {} as Signaling }],
    ['timeoutMs', { timeoutMs: -1 }],
  ])('refuses a wrong %s', async (name, wrong) => {
    const { signaling } = scriptedSignaling();
    const joining = joinCall({ ...options, signaling, ...wrong });
    await expect(joining).rejects.toMatchObject({ code: 'invalid_option', message: expect.stringContaining(name) });
  });

  it('is not disturbed by descriptions that cannot be used', async () => {
    const { signaling } = await openEmbedded();
    const disturbed: Signaling = {
      open: (session, handlers) => {
        handlers.onMessage(RtcMessageType.SDP, text('no JSON'));
        handlers.onMessage(RtcMessageType.SDP, encodeSessionDescription({ type: 'answer', sdp: 'v=0\r\n' }));
        handlers.onMessage(RtcMessageType.SDP, encodeSessionDescription({ type: 'offer', sdp: 'x'.repeat(10_000) }));
        handlers.onMessage(RtcMessageType.ICE, text('{'));
        return signaling.open(session, handlers);
      },
    };
    const alice = await joinCall({ ...options, signaling: disturbed });
    await alice.leave();
  });
});

describe('a call', () => {
  it('ends when the SFU closes', async () => {
    const { sfu, signaling } = await openEmbedded();
    const alice = await joinCall({ ...options, signaling });
    const closed = new Promise((resolve) => alice.once('closed', resolve));
    await sfu.close();
    await closed;
    await expect(alice.publishVoice()).rejects.toMatchObject({ code: 'connection_lost' });
  });

  it('is left once, and then refuses to publish', async () => {
    const { sfu, signaling } = await openEmbedded();
    const alice = await joinCall({ ...options, signaling });
    await Promise.all([alice.leave(), alice.leave()]);
    expect(sfu.sessionCount).toBe(0);
    await expect(alice.publishVoice()).rejects.toMatchObject({ code: 'closed' });
  });

  it('leaves no listeners behind', async () => {
    const { sfu, signaling } = await openEmbedded();
    const calls = await Promise.all(
      ['alice', 'bob'].map((sessionID) => joinCall({ ...options, sessionID, signaling })),
    );
    expect(sfu.listenerCount('message')).toBe(1);
    await Promise.all(calls.map((call) => call.leave()));
    expect(sfu.listenerCount('message')).toBe(0);
  });
});

describe('a voice', () => {
  it.each([
    ['no bytes', 'text' as unknown as Uint8Array, {}, 'invalid_option'],
    ['too many bytes', new Uint8Array(1_181).fill(0xf8), {}, 'invalid_option'],
    ['no Opus', Uint8Array.of(0xfb, 0), {}, 'malformed'],
    ['a wrong level', Uint8Array.of(0xf8, 1), { level: 128 }, 'invalid_option'],
  ])('refuses %s', async (_, packet, sendOptions, code) => {
    const { signaling } = await openEmbedded();
    const alice = await joinCall({ ...options, signaling });
    onTestFinished(() => alice.leave());
    const voice = await alice.publishVoice();
    expect(() => voice.send(packet, sendOptions)).toThrow(expect.objectContaining({ code }));
  });
});
