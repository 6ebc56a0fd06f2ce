import { once } from 'node:events';
import { basicAuthorization } from '@rtcd/auth';
import { newID, RtcMessageType } from '@rtcd/protocol';
import { RtcError } from '@rtcd/rtc';
import { describe, expect, it } from 'vitest';
import { startWithMedia } from './headless-calls.ts';
import { ADMIN_KEY, connect, LogRecorder, registerClient, startService, type TestSocket } from './support.ts';

// Walks section 3 of the contract over real sockets, as far as it is about messages. Each test is named for the line it
// checks. Sizes, pings, deadlines and queues are checked in @rtcd/ws, encodings in @rtcd/protocol.

const JOIN = { callID: 'call', userID: 'user', channelID: 'channel', av1Support: true, dcSignaling: false };
const NO_PROPS = { channelID: '', av1Support: false, dcSignaling: false };
const OFFER = new TextEncoder().encode('{"type":"offer","sdp":"v=0"}');

async function startWithClient(options: Parameters<typeof startService>[0] = {}) {
  const logger = new LogRecorder();
  const rtcd = await startService({ logger, ...options });
  const authorization = await registerClient(rtcd, 'client');
  const socket = await connect(rtcd, authorization);
  const { sfu } = rtcd;

  async function join(sessionID: string, over: TestSocket = socket) {
    const { sessionCount } = sfu;
    over.send({ type: 'join', data: { ...JOIN, sessionID } });
    await sfu.until(() => sfu.sessionCount > sessionCount);
  }

  const refusal = () => logger.line(({ message }) => message === 'client message refused');
  return { rtcd, sfu, logger, authorization, socket, join, refusal };
}

const rtcMessage = (sessionID: string, type: RtcMessageType, data = new Uint8Array()) =>
  ({ type: 'rtc', data: { groupID: '', userID: '', callID: '', sessionID, type, data } }) as const;

describe('hello: "to client, once on connect, map {clientID, connID}"', () => {
  it('is sent first, as type and data one after the other', async () => {
    const { socket } = await startWithClient();
    const text = (value: string) => `${String.fromCharCode(0xa0 + value.length)}${value}`;
    const connID = `${String.fromCharCode(0xa0 + 26)}${socket.connID}`;
    expect(Buffer.from(socket.received[0]!).toString('latin1')).toBe(
      `${text('hello')}\x82${text('clientID')}${text('client')}${text('connID')}${connID}`,
    );
  });

  it('"The server makes a 26-character connection ID", of the z-base-32 alphabet, for each connection', async () => {
    const { rtcd, authorization, socket } = await startWithClient();
    const second = await connect(rtcd, authorization);
    expect(socket.connID).toMatch(/^[ybndrfg8ejkmcpqxot1uwisza345h769]{26}$/);
    expect(second.connID).not.toBe(socket.connID);
  });
});

describe('join: "to rtcd, map {callID, userID, sessionID, channelID, av1Support, dcSignaling}"', () => {
  it('makes a session; "The group of a session is always the clientID"', async () => {
    const { sfu, join } = await startWithClient();
    await join('session');
    expect(sfu.session('client', 'call', 'session')).toEqual({
      groupID: 'client',
      callID: 'call',
      userID: 'user',
      sessionID: 'session',
      props: { channelID: 'channel', av1Support: true, dcSignaling: false },
    });
  });

  it('"A session ID already in the call makes the second join fail", and leaves the first alone', async () => {
    const { sfu, socket, join, refusal } = await startWithClient();
    await join('session');
    socket.send({ type: 'join', data: { ...JOIN, sessionID: 'session', userID: 'other' } });
    expect((await refusal()).fields).toMatchObject({ type: 'join', sessionID: 'session' });
    sfu.say({ groupID: 'client', sessionID: 'session' }, RtcMessageType.SDP, OFFER);
    expect(await socket.next()).toMatchObject({ type: 'rtc' });
    expect(sfu.session('client', 'call', 'session')?.userID).toBe('user');
  });

  it.each([
    ['CallID', { callID: '' }, undefined],
    ['UserID', { userID: '' }, undefined],
    ['SessionID', { sessionID: '' }, undefined],
    ['GroupID', {}, basicAuthorization('', ADMIN_KEY)],
  ])('"Session configs need non-empty ..." %s', async (name, empty, asAdmin) => {
    const logger = new LogRecorder();
    const security = { enable_admin: true, admin_secret_key: ADMIN_KEY };
    const rtcd = await startWithMedia({ logger, config: { api: { security } } });
    const socket = await connect(rtcd, asAdmin ?? (await registerClient(rtcd, 'client')));
    socket.send({ type: 'join', data: { ...JOIN, sessionID: 'session', ...empty } });
    const { fields } = await logger.line(({ message }) => message === 'client message refused');
    expect(fields.reason).toBe(`invalid ${name} value: should not be empty`);
  });

  it('cleans up after a failed join: the client gets close, and may try again', async () => {
    const { sfu, socket, join } = await startWithClient();
    const works = sfu.join;
    sfu.join = () => {
      throw new RtcError('too_many_sessions', 'the limit is reached');
    };
    socket.send({ type: 'join', data: { ...JOIN, sessionID: 'session' } });
    expect(await socket.next()).toEqual({ type: 'close', data: { sessionID: 'session' } });
    sfu.join = works;
    await join('session');
  });

  it('refuses joins over the limit of sessions per client with close', async () => {
    const config = { api: { limits: { sessions_per_client: 1 } } };
    const { sfu, socket, join, refusal } = await startWithClient({ config });
    await join('first');
    socket.send({ type: 'join', data: { ...JOIN, sessionID: 'second' } });
    expect(await socket.next()).toEqual({ type: 'close', data: { sessionID: 'second' } });
    expect((await refusal()).fields.reason).toBe('too many sessions of this client (at most 1)');
    expect(sfu.sessionCount).toBe(1);
  });
});

describe('leave and close', () => {
  it('leave: "to rtcd, map {sessionID}" ends the session, close: "to client, map {sessionID}"', async () => {
    const { sfu, socket, join } = await startWithClient();
    await join('session');
    socket.send({ type: 'leave', data: { sessionID: 'session' } });
    expect(await socket.next()).toEqual({ type: 'close', data: { sessionID: 'session' } });
    expect(sfu.sessionCount).toBe(0);
  });

  it('close: "the session is gone", whichever side ended it', async () => {
    const { sfu, socket, join } = await startWithClient();
    await join('session');
    sfu.endSession('client', 'session', 'ICE failed');
    expect(await socket.next()).toEqual({ type: 'close', data: { sessionID: 'session' } });
  });
});

describe('rtc and vad', () => {
  it('rtc, to rtcd: type and data reach the session, under the IDs it joined with', async () => {
    const { sfu, socket, join } = await startWithClient();
    await join('session');
    const { data } = rtcMessage('session', RtcMessageType.SDP, OFFER);
    socket.send({ type: 'rtc', data: { ...data, groupID: 'other', userID: 'other', callID: 'other' } });
    await sfu.until(() => sfu.received.length === 1);
    expect(sfu.received).toEqual([
      {
        groupID: 'client',
        callID: 'call',
        userID: 'user',
        sessionID: 'session',
        type: RtcMessageType.SDP,
        data: expect.toSatisfy((bytes: Uint8Array) => Buffer.from(bytes).equals(OFFER)),
      },
    ]);
  });

  it.each(['ICE', 'SDP', 'Mute', 'Unmute', 'ScreenOn', 'ScreenOff', 'VideoOn', 'VideoOff'] as const)(
    'rtc, to rtcd: type %s',
    async (name) => {
      const { sfu, socket, join } = await startWithClient();
      await join('session');
      socket.send(rtcMessage('session', RtcMessageType[name]));
      await sfu.until(() => sfu.received.length === 1);
      expect(sfu.received[0]?.type).toBe(RtcMessageType[name]);
    },
  );

  it.each([
    ['ICE', 'rtc'],
    ['SDP', 'rtc'],
    ['VoiceOn', 'vad'],
    ['VoiceOff', 'vad'],
  ] as const)('to client: %s comes as %s', async (name, type) => {
    const { sfu, socket, join } = await startWithClient();
    await join('session');
    sfu.say({ groupID: 'client', sessionID: 'session' }, RtcMessageType[name], OFFER);
    const message = await socket.next();
    expect(message).toMatchObject({
      type,
      data: { groupID: 'client', sessionID: 'session', type: RtcMessageType[name] },
    });
  });

  it('"a message is valid only with a session_id and a non-zero type"', async () => {
    const { sfu, socket, join, logger } = await startWithClient();
    await join('session');
    const map = (entries: string) => Buffer.from(`a3727463${entries}`, 'hex');
    const sessionID = 'aa73657373696f6e5f6964a773657373696f6e';
    const type = 'a474797065';
    socket.send(map(`81${type}02`));
    socket.send(map(`82${sessionID}${type}00`));
    socket.send(map(`82${sessionID}${type}03`));
    await sfu.until(() => sfu.received.length === 1);
    expect(sfu.received[0]?.type).toBe(RtcMessageType.Mute);
    expect(logger.lines.filter(({ message }) => message === 'client message refused')).toHaveLength(2);
  });
});

describe('"one client can never reach another\'s calls or sessions"', () => {
  it('not by rtc, leave or reconnect; and equal IDs are not the same session', async () => {
    const { rtcd, sfu, socket, join } = await startWithClient();
    await join('session');
    const eve = await connect(rtcd, await registerClient(rtcd, 'eve'));
    eve.send(rtcMessage('session', RtcMessageType.SDP, OFFER));
    eve.send({ type: 'leave', data: { sessionID: 'session' } });
    eve.send({ type: 'reconnect', data: { sessionID: 'session' } });
    expect(await eve.next()).toEqual({ type: 'close', data: { sessionID: 'session' } });
    expect(sfu.received).toEqual([]);
    expect(sfu.sessionCount).toBe(1);

    await join('session', eve);
    expect(sfu.session('eve', 'call', 'session')).toBeDefined();
    eve.send({ type: 'leave', data: { sessionID: 'session' } });
    expect(await eve.next()).toEqual({ type: 'close', data: { sessionID: 'session' } });
    sfu.say({ groupID: 'client', sessionID: 'session' }, RtcMessageType.VoiceOn);
    expect(await socket.next()).toMatchObject({ type: 'vad', data: { groupID: 'client' } });
  });
});

describe('reconnect: "from now on this session\'s messages go to this connection"', () => {
  it('rtc, vad and close go to the new connection, of two that are open', async () => {
    const { rtcd, sfu, authorization, socket, join } = await startWithClient();
    await join('session');
    const second = await connect(rtcd, authorization);
    second.send({ type: 'reconnect', data: { sessionID: 'session' } });
    second.send(rtcMessage('session', RtcMessageType.Mute));
    await sfu.until(() => sfu.received.length === 1);
    expect(sfu.resumed).toEqual(['session']);
    const session = { groupID: 'client', sessionID: 'session' };
    sfu.say(session, RtcMessageType.SDP, OFFER);
    sfu.say(session, RtcMessageType.VoiceOff);
    sfu.endSession('client', 'session', 'left');
    const types = [await second.next(), await second.next(), await second.next()].map(({ type }) => type);
    expect(types).toEqual(['rtc', 'vad', 'close']);
    expect(socket.received).toHaveLength(1);
  });

  it('accepts messages for a session on any connection of its client', async () => {
    const { rtcd, sfu, authorization, socket, join } = await startWithClient();
    await join('session');
    const second = await connect(rtcd, authorization);
    second.send({ type: 'leave', data: { sessionID: 'session' } });
    expect(await socket.next()).toEqual({ type: 'close', data: { sessionID: 'session' } });
    expect(sfu.sessionCount).toBe(0);
  });
});

describe('"If a client\'s WebSocket drops, its sessions live on"', () => {
  const session = { groupID: 'client', sessionID: 'session' };
  async function startWithDroppedClient() {
    const started = await startWithClient();
    await started.join('session');
    await started.socket.close();
    await started.logger.line(({ message }) => message === 'websocket connection closed');
    return { ...started, comeBack: () => connect(started.rtcd, started.authorization) };
  }

  it('messages of its sessions go to the next connection that opens', async () => {
    const { sfu, comeBack } = await startWithDroppedClient();
    expect(sfu.sessionCount).toBe(1);
    sfu.say(session, RtcMessageType.VoiceOn);
    sfu.say(session, RtcMessageType.SDP, OFFER);
    const second = await comeBack();
    expect(await second.next()).toMatchObject({ type: 'vad', data: { type: RtcMessageType.VoiceOn } });
    expect(await second.next()).toMatchObject({ type: 'rtc', data: { type: RtcMessageType.SDP } });
    sfu.say(session, RtcMessageType.VoiceOff);
    expect(await second.next()).toMatchObject({ type: 'vad', data: { type: RtcMessageType.VoiceOff } });
  });

  it('the close of a session that ended meanwhile goes there too, without a request', async () => {
    const { sfu, comeBack } = await startWithDroppedClient();
    sfu.endSession('client', 'session', 'ICE failed');
    const second = await comeBack();
    expect(await second.next()).toEqual({ type: 'close', data: { sessionID: 'session' } });
    second.send({ type: 'reconnect', data: { sessionID: 'session' } });
    expect(await second.next()).toEqual({ type: 'close', data: { sessionID: 'session' } });
  });

  it('"at once to any other live connection of the same clientID", and to no other client', async () => {
    const { rtcd, sfu, authorization, socket, join, logger } = await startWithClient();
    await join('session');
    const second = await connect(rtcd, authorization);
    const eve = await connect(rtcd, await registerClient(rtcd, 'eve'));
    await socket.close();
    await logger.line(({ message }) => message === 'websocket connection closed');
    sfu.say(session, RtcMessageType.VoiceOn);
    expect(await second.next()).toMatchObject({ type: 'vad', data: { type: RtcMessageType.VoiceOn } });
    sfu.endSession('client', 'session', 'left');
    expect(await second.next()).toEqual({ type: 'close', data: { sessionID: 'session' } });
    expect(eve.received).toHaveLength(1);
  });
});

describe('"Only binary messages carry meaning; a text message is logged and ignored; junk never closes other people\'s calls"', () => {
  it('keeps a connection open after text, junk, and messages that only rtcd may send', async () => {
    const { sfu, socket, join, logger } = await startWithClient();
    await join('session');
    socket.socket.send('{"type":"leave","data":{"sessionID":"session"}}');
    for (let length = 0; length < 40; length++) socket.send(crypto.getRandomValues(new Uint8Array(length)));
    socket.send({ type: 'hello', data: { clientID: 'client', connID: newID() } });
    socket.send({ type: 'close', data: { sessionID: 'session' } });
    socket.send({ type: 'vad', data: { ...rtcMessage('session', RtcMessageType.VoiceOn).data } });
    socket.send(rtcMessage('session', RtcMessageType.Unmute));
    await sfu.until(() => sfu.received.length === 1);
    expect(sfu.sessionCount).toBe(1);
    expect(logger.lines.some(({ message }) => message.startsWith('text message ignored'))).toBe(true);
    const refusals = logger.lines.filter(({ message }) => message === 'client message refused');
    expect(refusals.map(({ fields }) => fields.refused)).toEqual([1, 2, 4, 8, 16, 32]);
  });

  it('"Max message 1 MiB in either direction": a longer one ends its connection, not the session', async () => {
    const { sfu, socket, join } = await startWithClient();
    await join('session');
    const closed = once(socket.socket, 'close');
    socket.send(new Uint8Array(1024 * 1024 + 1));
    const [{ code }] = (await closed) as [CloseEvent];
    expect(code).toBe(1009);
    expect(sfu.sessionCount).toBe(1);
  });
});

describe('older clients', () => {
  it('"Unknown keys are ignored", and props that are left out are false', async () => {
    const { sfu, socket } = await startWithClient();
    const text = (value: string) => String.fromCharCode(0xa0 + value.length) + value;
    const pairs = { callID: 'call', userID: 'user', sessionID: 'session', unknown: 'key' };
    const map = Object.entries(pairs).map(([key, value]) => text(key) + text(value));
    socket.send(Buffer.from(`${text('join')}\x84${map.join('')}`, 'latin1'));
    await sfu.until(() => sfu.sessionCount === 1);
    expect(sfu.session('client', 'call', 'session')?.props).toEqual(NO_PROPS);
  });
});
