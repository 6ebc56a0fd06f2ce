import {
  decodeSessionDescription,
  encodeScreenOn,
  encodeVideoOn,
  RtcMessageType,
  type SessionDescription,
} from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentMetrics } from '../src/ports.ts';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';

let call: SimulatedCall;
/** The SFU's last description to each session. */
let lastSdp: Map<string, string>;
let errors: string[];

beforeEach(async () => {
  lastSdp = new Map();
  errors = [];
  const metrics = { ...silentMetrics, error: (_: string, type: string) => errors.push(type) };
  call = await SimulatedCall.start({ delayMs: 10, sfu: { metrics } });
  call.sfu.on('message', ({ type, sessionID, data }) => {
    if (type === RtcMessageType.SDP) lastSdp.set(sessionID, decodeSessionDescription(data).sdp);
  });
});

afterEach(() => call.close());

const tell = (sessionID: string, type: RtcMessageType, data: Uint8Array = new Uint8Array()) => {
  call.sfu.receive({ groupID: 'group', callID: 'call', userID: '', sessionID, type, data });
  call.time.runFor(500);
};
const screenOn = (sessionID: string, screenStreamID: string) =>
  tell(sessionID, RtcMessageType.ScreenOn, encodeScreenOn({ screenStreamID }));
const screenOff = (sessionID: string) => tell(sessionID, RtcMessageType.ScreenOff);
const videoOn = (sessionID: string, videoStreamID: string) =>
  tell(sessionID, RtcMessageType.VideoOn, encodeVideoOn({ videoStreamID }));

type VideoOptions = Parameters<Participant['publishVideo']>[0];

function publish(participant: Participant, options: VideoOptions) {
  const track = participant.publishVideo(options);
  call.time.runFor(500);
  return track;
}

function unpublish(participant: Participant, track: ReturnType<typeof publish>): void {
  participant.unpublishVideo(track);
  call.time.runFor(500);
}

/** Lets a second pass, and returns how many frames a session was shown in it. */
function framesAt(listener: Participant, type: 'screen' | 'video' = 'screen'): number {
  const shown = () => listener.receivedVideo('sender', type)?.shown.length ?? 0;
  const before = shown();
  call.time.runFor(1_000);
  return shown() - before;
}

const typesAt = (listener: Participant, senderID = 'sender') => listener.typesFrom(senderID).toSorted();

/** Types of the tracks that a session is offered, with the codec of each, by the SFU's last offer. */
const tracksTo = (sessionID: string): string[] =>
  (lastSdp.get(sessionID) ?? '')
    .split('m=')
    .flatMap((section) => {
      const [, type] = /^a=msid:\S+ ([\w-]+?)_sender_\w{8}\r$/m.exec(section) ?? [];
      const [, codec] = /^a=rtpmap:\d+ (\w+)/m.exec(section) ?? [];
      return type && codec ? [`${type} ${codec}`] : [];
    })
    .toSorted();

describe('a screen', () => {
  it.each(['before', 'after'])('announced %s its media is shown, to late joiners too', async (when) => {
    const sender = await call.join('sender');
    const listener = await call.join('listener', { voice: false });
    if (when === 'before') screenOn('sender', 'screen');
    sender.sendVideo(publish(sender, { streamId: 'screen' }), { framesPerSecond: 10 });
    if (when === 'after') {
      expect(framesAt(listener)).toBe(0);
      expect(typesAt(listener)).toEqual(['voice']);
      screenOn('sender', 'screen');
    }
    expect(typesAt(listener)).toEqual(['screen', 'voice']);
    expect(framesAt(listener)).toBeGreaterThan(5);
    const late = await call.join('late', { voice: false });
    call.time.runFor(500);
    expect(framesAt(late)).toBeGreaterThan(5);
    expect(typesAt(late)).toEqual(['screen', 'voice']);
    expect(late.receivedVideo('sender')).toMatchObject({ corrupt: 0 });
    screenOff('sender');
    const before = [listener, late].map(({ strayPackets }) => strayPackets);
    expect([framesAt(listener), framesAt(late)]).toEqual([0, 0]);
    expect([listener, late].map(({ strayPackets }) => strayPackets)).toEqual(before);
  });

  it('ends with ScreenOff, with its sound, and returns as the same class', async () => {
    const sender = await call.join('sender');
    const listener = await call.join('listener', { voice: false });
    const streamId = `stream-${sender.voiceSsrc}`;
    publish(sender, { streamId });
    screenOn('sender', streamId);
    expect(typesAt(listener)).toEqual(['screen', 'screen-audio']);
    screenOff('sender');
    expect(typesAt(listener)).toEqual([]);
    videoOn('sender', streamId);
    expect(typesAt(listener)).toEqual([]);
    screenOn('sender', streamId);
    expect(typesAt(listener)).toEqual(['screen', 'screen-audio']);
  });

  it('is shared again by its session under another stream', async () => {
    const sender = await call.join('sender', { voice: false });
    const listener = await call.join('listener', { voice: false });
    screenOn('sender', 'first');
    const first = publish(sender, { streamId: 'first' });
    screenOn('sender', 'second');
    expect(typesAt(listener)).toEqual([]);
    publish(sender, { streamId: 'second' });
    expect(typesAt(listener)).toEqual(['screen']);
    unpublish(sender, first);
    expect(typesAt(listener)).toEqual(['screen']);
  });

  it('is one per call: a second one is refused with its sound, until its turn comes', async () => {
    const sender = await call.join('sender', { voice: false });
    const other = await call.join('other');
    const listener = await call.join('listener', { voice: false });
    screenOn('sender', 'screen');
    publish(sender, { streamId: 'screen' });
    const streamId = `stream-${other.voiceSsrc}`;
    publish(other, { streamId });
    expect(() => screenOn('other', streamId)).toThrow(expect.objectContaining({ code: 'screen_taken' }));
    call.time.runFor(500);
    expect([typesAt(listener), typesAt(listener, 'other')]).toEqual([['screen'], []]);
    screenOff('other');
    expect(typesAt(listener)).toEqual(['screen']);
    call.sfu.leave('group', 'sender');
    call.time.runFor(500);
    screenOn('other', streamId);
    expect(typesAt(listener, 'other')).toEqual(['screen', 'screen-audio']);
  });
});

describe('a camera', () => {
  it('waits for VideoOn, and keeps its class whatever later ones name', async () => {
    const sender = await call.join('sender', { voice: false });
    const listener = await call.join('listener', { voice: false });
    sender.sendVideo(publish(sender, { streamId: 'camera' }), { framesPerSecond: 10 });
    expect(framesAt(listener, 'video')).toBe(0);
    expect(typesAt(listener)).toEqual([]);
    videoOn('sender', 'camera');
    expect(typesAt(listener)).toEqual(['video']);
    expect(framesAt(listener, 'video')).toBeGreaterThan(5);
    const offered = lastSdp.get('listener');
    tell('sender', RtcMessageType.VideoOff);
    videoOn('sender', 'of no section');
    screenOn('sender', 'camera');
    expect(typesAt(listener)).toEqual(['video']);
    expect(framesAt(listener, 'video')).toBeGreaterThan(5);
    expect(lastSdp.get('listener')).toBe(offered);
  });

  it('is shown beside the screen of its session, in another section', async () => {
    const sender = await call.join('sender', { voice: false });
    const listener = await call.join('listener', { voice: false });
    videoOn('sender', 'camera');
    publish(sender, { streamId: 'camera' });
    screenOn('sender', 'screen');
    publish(sender, { streamId: 'screen', rids: ['l', 'h'] });
    expect(typesAt(listener)).toEqual(['screen', 'video']);
    expect(tracksTo('listener')).toEqual(['screen VP8', 'video VP8']);
  });

  it('is refused if its announcement is malformed', async () => {
    await call.join('sender', { voice: false });
    expect(() => tell('sender', RtcMessageType.VideoOn, Buffer.from('{}'))).toThrow(
      expect.objectContaining({ code: 'invalid_message' }),
    );
  });
});

describe('a video in AV1 beside VP8', () => {
  let participants: Participant[] = [];
  beforeEach(() => {
    participants = [];
  });

  const joinListeners = async (when: string) => {
    participants.push(
      await call.join(`${when}-with`, { voice: false, av1Support: true }),
      await call.join(`${when}-without`, { voice: false }),
    );
    call.time.runFor(1_000);
  };
  const listeners = (av1: 'with' | 'without') => ['before', 'between', 'after'].map((when) => `${when}-${av1}`);

  it('is sent to each receiver once, by the support of both, and continues as VP8 when AV1 ends', async () => {
    const sender = await call.join('sender', { voice: false, av1Support: true });
    await joinListeners('before');
    screenOn('sender', 'screen');
    sender.sendVideo(publish(sender, { streamId: 'screen', trackId: 'track' }), { framesPerSecond: 10 });
    await joinListeners('between');
    const av1 = publish(sender, { streamId: 'screen', trackId: 'track', codecs: ['AV1'] });
    await joinListeners('after');
    for (const listener of listeners('with'))
      expect([listener, tracksTo(listener)]).toEqual([listener, ['screen AV1']]);
    for (const listener of listeners('without')) {
      expect([listener, tracksTo(listener)]).toEqual([listener, ['screen VP8']]);
    }
    unpublish(sender, av1);
    call.time.runFor(2_000);
    for (const listener of [...listeners('with'), ...listeners('without')]) {
      expect([listener, tracksTo(listener)]).toEqual([listener, ['screen VP8']]);
    }
    for (const participant of participants) expect(framesAt(participant)).toBeGreaterThan(5);
    expect(errors).toEqual([]);
  });

  it('is sent as VP8 to all if the sender joined without support', async () => {
    const sender = await call.join('sender', { voice: false });
    await joinListeners('before');
    screenOn('sender', 'screen');
    publish(sender, { streamId: 'screen' });
    publish(sender, { streamId: 'screen', codecs: ['AV1'] });
    expect([tracksTo('before-with'), tracksTo('before-without')]).toEqual([['screen VP8'], ['screen VP8']]);
  });

  it('is sent as VP8 to a receiver whose peer refuses AV1 after all', async () => {
    const sender = await call.join('sender', { voice: false, av1Support: true });
    const listener = await call.join('listener', { voice: false, av1Support: true, videoCodecs: ['VP8'] });
    screenOn('sender', 'screen');
    publish(sender, { streamId: 'screen', codecs: ['AV1'] });
    publish(sender, { streamId: 'screen' });
    call.time.runFor(5_000);
    expect(tracksTo('listener')).toEqual(['screen VP8']);
    expect(typesAt(listener)).toEqual(['screen']);
  });
});

describe('a video of a codec that a receiver does not have', () => {
  it.each([['H264'], ['VP9'], ['AV1']] as const)('is told once, and not sent: %s', async (codec) => {
    const sender = await call.join('sender', { voice: false });
    const listener = await call.join('listener', { voice: false, videoCodecs: ['VP8'] });
    await call.join('other', { voice: false, av1Support: true });
    screenOn('sender', 'screen');
    publish(sender, { streamId: 'screen', codecs: [codec] });
    call.time.runFor(5_000);
    expect(tracksTo('other')).toEqual([`screen ${codec}`]);
    expect(tracksTo('listener')).toEqual([]);
    expect(typesAt(listener)).toEqual([]);
    const { events } = call.sfu.inspect('group', 'listener');
    expect(events.filter(({ event }) => event === 'track not decodable')).toHaveLength(1);
    expect(errors).toEqual(['track']);
    publish(sender, { streamId: 'screen' });
    call.time.runFor(5_000);
    expect(tracksTo('listener')).toEqual(['screen VP8']);
  });
});

describe('a screen switched on and off 500 times', () => {
  it.each(['a peer that answers that it receives', 'a peer that answers that it sends, too'])(
    'leaves the descriptions as long as they were, for %s',
    { timeout: 60_000 },
    async (peer) => {
      // As clients do that set the transceivers they get to sendrecv: Chromium then announces a source without a stream.
      const tamper = ({ type, sdp }: SessionDescription): SessionDescription => ({
        type,
        sdp:
          type === 'answer' && peer.endsWith('too')
            ? sdp
                .split(/(?=^m=)/m)
                .map((section) =>
                  section.startsWith('m=video 9')
                    ? section.replace('a=recvonly', 'a=sendrecv\r\na=msid:- track\r\na=ssrc:4711 cname:c')
                    : section,
                )
                .join('')
            : sdp,
      });
      const sender = await call.join('sender', { voice: false });
      await call.join('listener', { voice: false, tamper });
      const lengths = { sender: [] as number[], listener: [] as number[] };
      for (let round = 0; round < 500; round++) {
        const streamId = `screen-${round}`;
        screenOn('sender', streamId);
        const track = publish(sender, { streamId, rids: ['l', 'h'] });
        expect(tracksTo('listener')).toEqual(['screen VP8']);
        lengths.sender.push(lastSdp.get('sender')!.length);
        lengths.listener.push(lastSdp.get('listener')!.length);
        unpublish(sender, track);
        screenOff('sender');
        expect(tracksTo('listener')).toEqual([]);
      }
      for (const values of Object.values(lengths)) {
        expect(Math.max(...values.slice(20))).toBeLessThanOrEqual(Math.max(...values.slice(0, 20)) + 100);
      }
    },
  );
});
