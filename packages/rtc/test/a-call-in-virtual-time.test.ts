import { once } from 'node:events';
import {
  decodeSessionDescription,
  encodeSessionDescription,
  RtcMessageType,
  type SessionConfig,
  type SessionDescription,
} from '@rtcd/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import type { RtcMetrics } from '../src/index.ts';
import { silentLogger, silentMetrics } from '../src/ports.ts';
import { SimulatedCall, type SimulatedCallOptions } from '../src/testing/index.ts';

let call: SimulatedCall;

async function start(options: SimulatedCallOptions = {}): Promise<SimulatedCall> {
  call = await SimulatedCall.start({ delayMs: 20, ...options });
  return call;
}

afterEach(() => call.close());

/** Session ids of those whose VoiceOn or VoiceOff reached the client. */
const voices = (type: RtcMessageType) => {
  const sessionIDs: string[] = [];
  call.sfu.on('message', (message) => {
    if (message.type === type) sessionIDs.push(message.sessionID);
  });
  return sessionIDs;
};

const closedSessions = () => {
  const closed: { sessionID: string; reason: string }[] = [];
  call.sfu.on('sessionClosed', ({ config, reason }) => closed.push({ sessionID: config.sessionID, reason }));
  return closed;
};

const send = (sessionID: string, type: RtcMessageType, data = new Uint8Array()) =>
  call.sfu.receive({ groupID: 'group', callID: 'call', userID: '', sessionID, type, data });

const countedErrors = () => {
  const errors: string[] = [];
  const metrics: RtcMetrics = { ...silentMetrics, error: (_, type) => errors.push(type) };
  return { errors, metrics };
};

describe('a call', () => {
  it('lets five hear one another, whole and in order', async () => {
    await start();
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const participants = [];
    for (const id of ids) participants.push(await call.join(id, { dcSignaling: true }));
    call.time.runFor(500);
    call.speak(participants, 1_000);
    call.time.runFor(100);
    for (const [index, participant] of participants.entries()) {
      expect(participant.senders.toSorted()).toEqual(ids.toSpliced(index, 1));
      for (const id of participant.senders)
        expect(participant.received(id)).toMatchObject({ packets: 50, gaps: 0, corrupt: 0 });
    }
  });

  it('offers a late joiner all tracks in one offer', async () => {
    await start();
    for (const id of ['a', 'b', 'c', 'd']) await call.join(id, { dcSignaling: true });
    const descriptions: string[] = [];
    call.sfu.on('message', ({ sessionID, type, data }) => {
      if (sessionID === 'late' && type === RtcMessageType.SDP) descriptions.push(decodeSessionDescription(data).type);
    });
    const late = await call.join('late', { voice: false });
    call.time.runFor(1_000);
    expect(late.senders.toSorted()).toEqual(['a', 'b', 'c', 'd']);
    expect(descriptions).toEqual(['answer', 'offer']);
  });

  it('is silent while muted, and continues without a gap when unmuted', async () => {
    await start();
    const speaker = await call.join('speaker');
    const listener = await call.join('listener');
    call.time.runFor(500);
    call.speak([speaker], 500);
    send('speaker', RtcMessageType.Mute);
    call.speak([speaker], 500);
    expect(listener.received('speaker')?.packets).toBe(25);
    send('speaker', RtcMessageType.Unmute);
    call.speak([speaker], 500);
    call.time.runFor(100);
    expect(listener.received('speaker')).toMatchObject({ packets: 50, gaps: 0, corrupt: 0 });
  });

  it('reports when a member starts and stops speaking, and stops at mute', async () => {
    await start();
    const speaker = await call.join('speaker');
    const on = voices(RtcMessageType.VoiceOn);
    const off = voices(RtcMessageType.VoiceOff);
    call.speak([speaker], 2_000, (packet) => (packet % 10 < 5 ? 20 : 90));
    expect(on).toEqual(['speaker']);
    expect(off).toEqual([]);
    call.speak([speaker], 3_000, () => 90);
    expect(off).toEqual(['speaker']);
    call.speak([speaker], 2_000, (packet) => (packet % 10 < 5 ? 20 : 90));
    send('speaker', RtcMessageType.Mute);
    expect(on).toHaveLength(2);
    expect(off).toHaveLength(2);
  });

  it('removes the tracks of a leaver', async () => {
    await start();
    const stays = await call.join('stays');
    for (const id of ['first', 'second', 'third']) {
      const comes = await call.join(id);
      call.time.runFor(500);
      expect(stays.senders).toEqual([id]);
      await comes.close();
      call.time.runFor(500);
      expect(stays.senders).toEqual([]);
    }
    expect(call.sfu.sessions('group', 'call')).toHaveLength(1);
  });

  it('completes when both sides renegotiate at once', async () => {
    await start();
    const a = await call.join('a', { voice: false });
    const b = await call.join('b');
    call.time.runFor(500);
    a.publishVoice();
    const c = await call.join('c');
    call.time.runFor(1_000);
    call.speak([a, b, c], 400);
    call.time.runFor(100);
    expect(a.senders.toSorted()).toEqual(['b', 'c']);
    expect(b.senders.toSorted()).toEqual(['a', 'c']);
    expect(b.received('a')?.packets).toBe(20);
    expect(c.received('a')?.packets).toBe(20);
  });

  it('receives those who begin to speak at the same moment, on sections that it opened for others', async () => {
    await start();
    const a = await call.join('a', { dcSignaling: true });
    const b = await call.join('b', { dcSignaling: true, voice: false });
    const c = await call.join('c', { dcSignaling: true, voice: false });
    call.time.runFor(1_000);
    b.publishVoice();
    c.publishVoice();
    call.time.runFor(1_000);
    const everybody = [a, b, c];
    call.speak(everybody, 400);
    call.time.runFor(100);
    const heard = everybody.map((listener) => ['a', 'b', 'c'].map((id) => listener.received(id)?.packets ?? 0));
    expect(heard).toEqual([
      [0, 20, 20],
      [20, 0, 20],
      [20, 20, 0],
    ]);
  });

  it('gives the signaling lock to one holder at a time', async () => {
    await start();
    const peer = await call.join('peer', { voice: false });
    const granted: boolean[] = [];
    peer.on('lock', (value) => granted.push(value));
    peer.requestLock();
    call.time.runFor(200);
    await call.join('other');
    call.time.runFor(1_000);
    expect(granted).toEqual([true]);
    expect(peer.senders).toEqual([]);
    peer.releaseLock();
    call.time.runFor(200);
    expect(peer.senders).toEqual(['other']);
  });

  it('separates two consecutive negotiations by the lock, and accepts an unneeded unlock', async () => {
    await start();
    const peer = await call.join('peer', { voice: false });
    const granted: boolean[] = [];
    peer.on('lock', (value) => granted.push(value));
    for (const ask of [peer.requestLock, peer.requestLock, peer.releaseLock, peer.releaseLock, peer.requestLock]) {
      ask.call(peer);
      call.time.runFor(100);
    }
    expect(granted).toEqual([true, false, true]);
    const offered = once(peer, 'negotiated');
    await call.join('other');
    call.time.runFor(1_000);
    expect(peer.senders).toEqual([]);
    call.time.runFor(10_000);
    await offered;
    peer.releaseLock();
    call.time.runFor(1_000);
    expect(peer.senders).toEqual(['other']);
  });

  it('answers a ping on the data channel', async () => {
    await start();
    const peer = await call.join('peer');
    let pongs = 0;
    peer.on('pong', () => {
      pongs += 1;
    });
    peer.ping();
    call.time.runFor(200);
    expect(pongs).toBe(1);
  });

  it('separates calls of the same name in two groups', async () => {
    await start();
    const ours = await call.join('session', { groupID: 'ours' });
    const theirs = await call.join('session', { groupID: 'theirs' });
    call.time.runFor(1_000);
    expect([ours.senders, theirs.senders]).toEqual([[], []]);
  });

  it('sends each peer reports about both directions', async () => {
    await start();
    const [a, b] = [await call.join('a'), await call.join('b')];
    call.time.runFor(500);
    call.speak([a, b], 5_000);
    expect(a.rtcpReceived).toBeGreaterThanOrEqual(4);
    expect(b.rtcpReceived).toBeGreaterThanOrEqual(4);
  });
});

describe('a session', () => {
  const config: SessionConfig = {
    groupID: 'group',
    callID: 'call',
    userID: 'user',
    sessionID: 'silent',
    props: { channelID: '', av1Support: false, dcSignaling: false },
  };

  it('ends with a signaling error when no offer comes within 10 s', async () => {
    const { errors, metrics } = countedErrors();
    await start({ sfu: { metrics } });
    const closed = closedSessions();
    call.sfu.join(config);
    call.time.runFor(9_999);
    expect(closed).toEqual([]);
    call.time.runFor(2);
    expect(closed).toEqual([{ sessionID: 'silent', reason: 'no offer from the peer within 10 s' }]);
    expect(errors).toEqual(['signaling']);
    expect(call.sfu.sessionCount).toBe(0);
  });

  it('ends when no check comes within 20 s of the first offer', async () => {
    const { errors, metrics } = countedErrors();
    const warnings: object[] = [];
    const logger = { ...silentLogger, warn: (fields: object) => warnings.push(fields), child: () => logger };
    await start({ sfu: { metrics, logger } });
    let offer: SessionDescription | undefined;
    await call.join('other', {
      tamper: (description) => {
        offer ??= description;
        return description;
      },
    });
    const closed = closedSessions();
    call.sfu.join(config);
    call.time.runFor(5_000);
    call.sfu.receive({ ...config, type: RtcMessageType.SDP, data: encodeSessionDescription(offer!) });
    call.time.runFor(19_900);
    expect(closed).toEqual([]);
    call.time.runFor(200);
    const reason = 'no connectivity check from the peer within 20 s of the first offer';
    expect(closed).toEqual([{ sessionID: 'silent', reason }]);
    expect(errors).toEqual(['ice']);
    expect(warnings).toMatchObject([{ obstacle: expect.any(String) }, { reason }]);
  });

  it('ends when it is not connected 30 s after the first offer, even if checks succeed', async () => {
    const { errors, metrics } = countedErrors();
    const warnings: object[] = [];
    const logger = { ...silentLogger, warn: (fields: object) => warnings.push(fields), child: () => logger };
    await start({ sfu: { metrics, logger } });
    const closed = closedSessions();
    const other = ({ type, sdp }: SessionDescription): SessionDescription => ({
      type,
      sdp: sdp.replace(/(sha-256 )..:..:/, (_, start) => `${start}00:00:`),
    });
    await expect(call.join('impostor', { tamper: other })).rejects.toThrow();
    expect(closed).toEqual([{ sessionID: 'impostor', reason: 'not connected within 30 s of the first offer' }]);
    expect(errors).toEqual(['ice']);
    expect(warnings).toEqual([
      { obstacle: 'dtls: fingerprint_mismatch' },
      { reason: 'not connected within 30 s of the first offer', events: expect.any(Array) },
    ]);
  });

  it.each([
    ['no fingerprint of a hash that is good enough', 'sha-256', 'sha-1', /fingerprint/],
    ['the SFU for the DTLS client', 'actpass', 'passive', /a=setup:passive/],
    ['no ICE credentials', 'a=ice-', 'a=nice-', /ICE credentials/],
    ['no media section', 'm=', 'x=', /no media section/],
  ])('ends at once when its first offer has %s', async (_, search, replacement, reason) => {
    const { errors, metrics } = countedErrors();
    await start({ sfu: { metrics } });
    const closed = closedSessions();
    const tamper = ({ type, sdp }: SessionDescription) => ({ type, sdp: sdp.replaceAll(search, replacement) });
    await expect(call.join('peer', { tamper })).rejects.toThrow(expect.objectContaining({ code: 'invalid_sdp' }));
    expect(closed).toEqual([
      { sessionID: 'peer', reason: expect.stringMatching(/^first offer refused: invalid SDP: /) },
    ]);
    expect(closed[0]?.reason).toMatch(reason);
    expect(errors).toEqual(['signaling']);
    expect(call.sfu.sessionCount).toBe(0);
  });

  it('ends at once when its first offer is no description at all', async () => {
    await start();
    const closed = closedSessions();
    call.sfu.join(config);
    expect(() => send('silent', RtcMessageType.SDP, Buffer.from('{'))).toThrow(
      expect.objectContaining({ code: 'invalid_message' }),
    );
    expect(closed.map(({ sessionID }) => sessionID)).toEqual(['silent']);
  });

  it('continues when a later offer is refused', async () => {
    const { errors, metrics } = countedErrors();
    await start({ sfu: { metrics } });
    let replacement = 'a=ice-';
    const tamper = ({ type, sdp }: SessionDescription) => ({ type, sdp: sdp.replaceAll('a=ice-', replacement) });
    const [peer, other] = [await call.join('peer', { tamper, voice: false }), await call.join('other')];
    replacement = 'a=nice-';
    expect(() => peer.publishVoice()).toThrow(expect.objectContaining({ code: 'invalid_sdp' }));
    expect(errors).toEqual(['signaling']);
    call.time.runFor(500);
    call.speak([other], 400);
    call.time.runFor(100);
    expect(peer.received('other')?.packets).toBe(20);
  });

  it('continues when a later description of its DTLS client contains a=setup:passive', async () => {
    const { errors, metrics } = countedErrors();
    await start({ sfu: { metrics } });
    let isConnected = false;
    const tamper = ({ type, sdp }: SessionDescription) => ({
      type,
      sdp: isConnected ? sdp.replace(/a=setup:\w+/g, 'a=setup:passive') : sdp,
    });
    const peer = await call.join('peer', { tamper, voice: false });
    isConnected = true;
    const other = await call.join('other');
    peer.publishVoice();
    call.time.runFor(500);
    call.speak([peer, other], 400);
    call.time.runFor(100);
    expect(peer.received('other')?.packets).toBe(20);
    expect(other.received('peer')?.packets).toBe(20);
    expect(errors).toEqual([]);
  });

  it('ends when its peer is silent for 30 s', async () => {
    const { errors, metrics } = countedErrors();
    await start({ sfu: { metrics } });
    await call.join('gone');
    const closed = closedSessions();
    call.network.setConditions({ lossRate: 1 });
    call.time.runFor(25_000);
    expect(closed).toEqual([]);
    call.time.runFor(10_000);
    expect(closed.map(({ sessionID }) => sessionID)).toEqual(['gone']);
    expect(errors).toEqual(['ice']);
  });

  it('ends at once when its peer says goodbye', async () => {
    await start();
    const peer = await call.join('peer');
    const closed = closedSessions();
    await peer.close();
    call.time.runFor(100);
    expect(closed.map(({ sessionID }) => sessionID)).toEqual(['peer']);
  });

  it('cannot be joined twice, or left twice', async () => {
    await start();
    call.sfu.join(config);
    expect(() => call.sfu.join(config)).toThrow(expect.objectContaining({ code: 'session_exists' }));
    call.sfu.leave('group', 'silent');
    expect(() => call.sfu.leave('group', 'silent')).toThrow(expect.objectContaining({ code: 'unknown_session' }));
  });

  it.each([
    ['invalid CallID value: should not be empty', { callID: '' }],
    ['invalid SessionID value', { sessionID: 'has a space' }],
    ['invalid SessionID value', { sessionID: 'line\r\nbreak' }],
  ])('refuses a config: %s', async (message, wrong) => {
    await start();
    expect(() => call.sfu.join({ ...config, ...wrong })).toThrow(message);
    expect(call.sfu.sessionCount).toBe(0);
  });

  it('counts toward the limit until it is gone', async () => {
    await start({ sfu: { maxSessions: 1 } });
    call.sfu.join(config);
    expect(() => call.sfu.join({ ...config, sessionID: 'other' })).toThrow(
      expect.objectContaining({ code: 'too_many_sessions' }),
    );
    call.sfu.leave('group', 'silent');
    expect(() => call.sfu.join({ ...config, sessionID: 'other' })).not.toThrow();
  });
});

describe('on a bad network', () => {
  it.each([
    ['20% loss', { lossRate: 0.2 }],
    ['50% duplicates', { duplicateRate: 0.5 }],
    ['30% reordered', { reorderRate: 0.3 }],
    ['all of it', { lossRate: 0.2, duplicateRate: 0.5, reorderRate: 0.3 }],
  ])('a call comes about with %s', async (_, conditions) => {
    await start({ ...conditions, seed: 7 });
    const [a, b] = [await call.join('a', { dcSignaling: true }), await call.join('b')];
    call.time.runFor(5_000);
    call.network.setConditions({ lossRate: 0, duplicateRate: 0, reorderRate: 0 });
    call.time.runFor(1_000);
    call.speak([a, b], 1_000);
    call.time.runFor(200);
    expect(a.received('b')).toMatchObject({ packets: 50, gaps: 0, corrupt: 0 });
    expect(b.received('a')).toMatchObject({ packets: 50, gaps: 0, corrupt: 0 });
  });
});
