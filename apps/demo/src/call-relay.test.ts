import { type ClientMessage, decodeIceCandidate, decodeSessionDescription, RtcMessageType } from '@rtcd/protocol';
import { describe, expect, it, vi } from 'vitest';
import { CallRelay, type CallRelayLimits } from './call-relay.ts';
import type { Inspection } from './inspection.ts';
import type { ServerMessage } from './messages.ts';

/** A relay with a recording rtcd, to which pages connect. */
function setUp(limits?: Partial<CallRelayLimits>) {
  const toService: ClientMessage[] = [];
  const inspect = vi.fn<(sessionID: string) => Promise<Inspection | undefined>>(async () => undefined);
  const send = (message: ClientMessage) => void toService.push(message);
  const service = { clientID: 'demo', connected: true, send, inspect };
  const relay = new CallRelay(service, limits);
  const connect = () => {
    const received: ServerMessage[] = [];
    const connection = relay.open({ send: (message) => void received.push(message) });
    const say = (message: object) => connection.receive(JSON.stringify(message));
    return { received, connection, say };
  };
  const join = (name: string, room = 'lounge') => {
    const page = connect();
    page.say({ type: 'join', room, name, microphone: true });
    const joined = page.received.find((message) => message.type === 'joined');
    return { ...page, sessionID: joined?.sessionID ?? '' };
  };
  return { relay, service, toService, connect, join };
}

const rtc = (sessionID: string, type: RtcMessageType, data: string): ClientMessage => ({
  type: 'rtc',
  data: { groupID: 'demo', userID: 'u', callID: 'c', sessionID, type, data: new TextEncoder().encode(data) },
});

describe('joining', () => {
  it('informs rtcd, sends the list to the newcomer and the newcomer to all others', () => {
    const { toService, join } = setUp();
    const ada = join('Ada');
    const grace = join('Grace');
    const [first, second] = toService;
    expect(first).toMatchObject({ type: 'join', data: { sessionID: ada.sessionID, channelID: 'lounge' } });
    expect(second).toMatchObject({ type: 'join', data: { sessionID: grace.sessionID, dcSignaling: false } });
    expect(first?.type === 'join' && second?.type === 'join' && first.data.callID === second.data.callID).toBe(true);
    expect(grace.received.at(-1)).toMatchObject({
      type: 'joined',
      participants: [{ name: 'Ada', muted: false }, { name: 'Grace' }],
    });
    expect(ada.received.at(-1)).toMatchObject({ type: 'participant', participant: { sessionID: grace.sessionID } });
  });

  it('keeps rooms apart', () => {
    const { toService, join } = setUp();
    join('Ada', 'lounge');
    const grace = join('Grace', 'attic');
    expect(grace.received.at(-1)).toMatchObject({ participants: [{ name: 'Grace' }] });
    const callIDs = toService.map((message) => message.type === 'join' && message.data.callID);
    expect(new Set(callIDs).size).toBe(2);
  });

  it('is refused twice, in a full room, beyond the limit of rooms, and without rtcd', () => {
    const { service, connect, join } = setUp({ maxRooms: 1, maxParticipantsPerRoom: 1 });
    const ada = join('Ada');
    ada.say({ type: 'join', room: 'lounge', name: 'Ada', microphone: true });
    expect(ada.received.at(-1)).toMatchObject({ type: 'error', code: 'already_joined' });
    expect(join('Grace').received.at(-1)).toMatchObject({ type: 'error', code: 'full' });
    expect(join('Grace', 'attic').received.at(-1)).toMatchObject({ type: 'error', code: 'full' });
    service.connected = false;
    expect(join('Grace').received.at(-1)).toMatchObject({ type: 'error', code: 'service_unavailable' });
    expect(connect().received).toEqual([{ type: 'service', connected: false }]);
  });
});

describe('signaling', () => {
  it('goes to rtcd as rtc messages of the session', () => {
    const { toService, join } = setUp();
    const { say, sessionID } = join('Ada');
    say({ type: 'description', description: { type: 'offer', sdp: 'v=0' } });
    say({ type: 'candidate', candidate: { candidate: 'candidate:1', sdpMid: '0', extra: true } });
    say({ type: 'mute' });
    say({ type: 'unmute' });
    const messages = toService.flatMap((message) => (message.type === 'rtc' ? [message.data] : []));
    expect(messages.map(({ type }) => type)).toEqual([
      RtcMessageType.SDP,
      RtcMessageType.ICE,
      RtcMessageType.Mute,
      RtcMessageType.Unmute,
    ]);
    expect(messages.every((message) => message.sessionID === sessionID && message.groupID === 'demo')).toBe(true);
    expect(decodeSessionDescription(messages[0]!.data)).toEqual({ type: 'offer', sdp: 'v=0' });
    expect(decodeIceCandidate(messages[1]!.data)).toEqual({ candidate: 'candidate:1', sdpMid: '0' });
  });

  it('from rtcd reaches its page unchanged', () => {
    const { relay, join } = setUp();
    const ada = join('Ada');
    const grace = join('Grace');
    const offer = JSON.stringify({ type: 'offer', sdp: 'v=0' });
    relay.receiveFromService(rtc(grace.sessionID, RtcMessageType.SDP, offer));
    relay.receiveFromService(rtc('unknown', RtcMessageType.SDP, offer));
    expect(grace.received.at(-1)).toEqual({ type: 'signal', data: offer });
    expect(ada.received.some(({ type }) => type === 'signal')).toBe(false);
  });

  it('shows everyone who is muted, who speaks, and their round trips', () => {
    const { relay, join } = setUp();
    const ada = join('Ada');
    const grace = join('Grace');
    const voice = rtc(ada.sessionID, RtcMessageType.VoiceOn, '');
    relay.receiveFromService({ ...voice, type: 'vad' } as ClientMessage);
    expect(grace.received.at(-1)).toMatchObject({ participant: { name: 'Ada', speaking: true } });
    ada.say({ type: 'mute' });
    expect(grace.received.at(-1)).toMatchObject({ participant: { name: 'Ada', speaking: false, muted: true } });
    ada.say({ type: 'report', roundTripMs: 12 });
    expect(grace.received.at(-1)).toMatchObject({ participant: { name: 'Ada', roundTripMs: 12 } });
  });

  it.each([
    ['no JSON', '{'],
    ['another type', '{"type":"shout"}'],
    ['a missing field', '{"type":"join","room":"lounge","microphone":true}'],
    ['a blank name', '{"type":"join","room":"lounge","name":"  ","microphone":true}'],
    ['an endless name', JSON.stringify({ type: 'join', room: 'lounge', name: 'x'.repeat(49), microphone: true })],
    ['no object', '7'],
    ['nothing', ''],
  ])('is refused as %s', (_what, text) => {
    const { connect, toService } = setUp();
    const page = connect();
    page.connection.receive(text);
    expect(page.received.at(-1)).toMatchObject({ type: 'error', code: 'bad_message' });
    expect(toService).toEqual([]);
  });

  it('is refused before joining', () => {
    const { connect, toService } = setUp();
    const page = connect();
    page.say({ type: 'mute' });
    expect(page.received.at(-1)).toMatchObject({ type: 'error', code: 'not_joined' });
    expect(toService).toEqual([]);
  });
});

describe('leaving', () => {
  it.each(['says so', 'closes the tab'])('reaches rtcd and everyone else when someone %s', (way) => {
    const { toService, join } = setUp();
    const ada = join('Ada');
    const grace = join('Grace');
    if (way === 'says so') ada.say({ type: 'leave' });
    ada.connection.close(false);
    expect(toService.filter(({ type }) => type === 'leave')).toEqual([
      { type: 'leave', data: { sessionID: ada.sessionID } },
    ]);
    expect(grace.received.at(-1)).toEqual({ type: 'left', sessionID: ada.sessionID });
  });

  it('allows joining again', () => {
    const { join } = setUp();
    const ada = join('Ada');
    ada.say({ type: 'leave' });
    ada.say({ type: 'join', room: 'lounge', name: 'Ada', microphone: true });
    expect(ada.received.at(-1)).toMatchObject({ type: 'joined', participants: [{ name: 'Ada' }] });
  });

  it('happens at the request of rtcd', () => {
    const { relay, toService, join } = setUp();
    const ada = join('Ada');
    const grace = join('Grace');
    relay.receiveFromService({ type: 'close', data: { sessionID: ada.sessionID } });
    expect(ada.received.at(-1)).toEqual({ type: 'closed' });
    expect(grace.received.at(-1)).toEqual({ type: 'left', sessionID: ada.sessionID });
    ada.say({ type: 'mute' });
    expect(ada.received.at(-1)).toMatchObject({ type: 'error', code: 'not_joined' });
    ada.connection.close(false);
    expect(toService.filter(({ type }) => type === 'leave')).toEqual([]);
  });
});

it('informs every page when rtcd disconnects and returns', () => {
  const { relay, service, connect } = setUp();
  const page = connect();
  service.connected = false;
  relay.serviceChanged();
  service.connected = true;
  relay.serviceChanged();
  expect(page.received.slice(-2)).toEqual([
    { type: 'service', connected: false },
    { type: 'service', connected: true },
  ]);
});

describe('inspecting', () => {
  it("asks rtcd about the page's own session, one request at a time, and only in a call", async () => {
    const { service, connect, join } = setUp();
    const { received, say, sessionID } = join('Ada');
    const inspection = { ageMs: 1 } as Inspection;
    service.inspect.mockResolvedValueOnce(inspection);
    say({ type: 'inspect' });
    say({ type: 'inspect' });
    await vi.waitUntil(() => received.at(-1)?.type === 'inspection');
    expect(service.inspect.mock.calls).toEqual([[sessionID]]);
    expect(received.at(-1)).toEqual({ type: 'inspection', inspection });

    say({ type: 'inspect' });
    await vi.waitUntil(() => service.inspect.mock.settledResults.length === 2);
    expect(received.at(-1)).toEqual({ type: 'inspection' });

    const stranger = connect();
    stranger.say({ type: 'inspect' });
    expect(stranger.received.at(-1)).toMatchObject({ type: 'error', code: 'not_joined' });
  });
});

describe('a page that loses its connection', () => {
  const keyOf = (received: readonly ServerMessage[]) =>
    received.find((message) => message.type === 'joined')?.key ?? '';

  it('resumes its session on another connection, and rtcd repeats what is not answered', () => {
    const { relay, toService, connect, join } = setUp();
    const ada = join('Ada');
    const grace = join('Grace');
    ada.connection.close(true);
    grace.connection.close(false);
    const again = connect();
    again.say({ type: 'resume', key: keyOf(ada.received) });
    expect(again.received.at(-1)).toMatchObject({ type: 'resumed', participants: [{ name: 'Ada' }] });
    expect(toService.filter(({ type }) => type === 'leave')).toMatchObject([{ data: { sessionID: grace.sessionID } }]);
    expect(toService.at(-1)).toEqual({ type: 'reconnect', data: { sessionID: ada.sessionID } });

    relay.receiveFromService(rtc(ada.sessionID, RtcMessageType.SDP, '{"type":"offer","sdp":"v=0"}'));
    expect(again.received.at(-1)).toMatchObject({ type: 'signal' });
    again.say({ type: 'mute' });
    expect(toService.at(-1)).toMatchObject({ data: { sessionID: ada.sessionID, type: RtcMessageType.Mute } });
    again.connection.close(false);
    expect(toService.at(-1)).toMatchObject({ type: 'leave', data: { sessionID: ada.sessionID } });
  });

  it('resumes before the old connection is known to be lost', () => {
    const { toService, connect, join } = setUp();
    const ada = join('Ada');
    const again = connect();
    again.say({ type: 'resume', key: keyOf(ada.received) });
    ada.connection.close(true);
    again.say({ type: 'unmute' });
    expect(toService.some(({ type }) => type === 'leave')).toBe(false);
    expect(toService.at(-1)).toMatchObject({ data: { sessionID: ada.sessionID } });
  });

  it('leaves when the relay closes, as everyone does, and no timer remains', () => {
    vi.useFakeTimers();
    try {
      const { relay, toService, join } = setUp();
      const ada = join('Ada');
      const grace = join('Grace');
      ada.connection.close(true);
      relay.close();
      const left = toService.flatMap((message) => (message.type === 'leave' ? [message.data.sessionID] : []));
      expect(left).toEqual([ada.sessionID, grace.sessionID]);
      grace.connection.close(true);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('leaves when it does not come back in time, and cannot resume then', () => {
    vi.useFakeTimers();
    try {
      const { toService, connect, join } = setUp({ resumeLimitMs: 5_000 });
      const ada = join('Ada');
      const grace = join('Grace');
      ada.connection.close(true);
      vi.advanceTimersByTime(4_999);
      expect(grace.received.at(-1)).toMatchObject({ type: 'joined' });
      vi.advanceTimersByTime(1);
      expect(grace.received.at(-1)).toEqual({ type: 'left', sessionID: ada.sessionID });
      expect(toService.at(-1)).toMatchObject({ type: 'leave', data: { sessionID: ada.sessionID } });
      const again = connect();
      again.say({ type: 'resume', key: keyOf(ada.received) });
      expect(again.received.at(-1)).toMatchObject({ type: 'error', code: 'not_resumed' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('is the only one to know its key', () => {
    const { connect, join } = setUp();
    const ada = join('Ada');
    const grace = join('Grace');
    expect(JSON.stringify(grace.received)).not.toContain(keyOf(ada.received));
    const stranger = connect();
    stranger.say({ type: 'resume', key: ada.sessionID });
    expect(stranger.received.at(-1)).toMatchObject({ type: 'error', code: 'not_resumed' });
    grace.say({ type: 'resume', key: keyOf(ada.received) });
    expect(grace.received.at(-1)).toMatchObject({ type: 'error', code: 'already_joined' });
  });
});

describe('video', () => {
  const messagesTo = (toService: readonly ClientMessage[], sessionID: string) =>
    toService.flatMap(({ type, data }) =>
      type === 'rtc' && data.sessionID === sessionID ? [[data.type, new TextDecoder().decode(data.data)]] : [],
    );

  it('is announced to rtcd with the id of its stream, and to everyone', () => {
    const { toService, join } = setUp();
    const ada = join('Ada');
    const grace = join('Grace');
    ada.say({ type: 'screen_on', streamId: 's1' });
    ada.say({ type: 'video_on', streamId: 'v1' });
    expect(grace.received.at(-1)).toMatchObject({ participant: { name: 'Ada', screen: true, camera: true } });
    ada.say({ type: 'screen_off' });
    ada.say({ type: 'video_off' });
    expect(grace.received.at(-1)).toMatchObject({ participant: { name: 'Ada', screen: false, camera: false } });
    expect(messagesTo(toService, ada.sessionID)).toEqual([
      [RtcMessageType.ScreenOn, '{"screenStreamID":"s1"}'],
      [RtcMessageType.VideoOn, '{"videoStreamID":"v1"}'],
      [RtcMessageType.ScreenOff, ''],
      [RtcMessageType.VideoOff, ''],
    ]);
  });

  it('has one screen in a call at a time', () => {
    const { toService, join } = setUp();
    const ada = join('Ada');
    const grace = join('Grace');
    ada.say({ type: 'screen_on', streamId: 's1' });
    grace.say({ type: 'screen_on', streamId: 's2' });
    expect(grace.received.at(-1)).toEqual({
      type: 'error',
      code: 'screen_taken',
      message: 'Ada shares a screen already.',
    });
    expect(messagesTo(toService, grace.sessionID)).toEqual([]);
    ada.connection.close(false);
    grace.say({ type: 'screen_on', streamId: 's2' });
    expect(messagesTo(toService, grace.sessionID)).toHaveLength(1);
  });

  it('is announced with the join if the page supports AV1', () => {
    const { toService, connect } = setUp();
    connect().say({ type: 'join', room: 'lounge', name: 'Ada', microphone: false, av1: true });
    expect(toService).toMatchObject([{ type: 'join', data: { av1Support: true } }]);
  });
});
