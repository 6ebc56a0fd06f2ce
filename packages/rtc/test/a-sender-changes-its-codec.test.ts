import { encodeScreenOn, RtcMessageType, type SessionDescription } from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentMetrics } from '../src/ports.ts';
import { type Participant, SimulatedCall, type VideoCodecName } from '../src/testing/index.ts';

let call: SimulatedCall;
let errors: string[];
/** Tracks by direction and codec. */
let tracks: Map<string, number>;
/** Descriptions that the SFU sent over signaling, by session. */
let descriptions: string[];

beforeEach(async () => {
  errors = [];
  tracks = new Map();
  descriptions = [];
  const count = (by: number) => (_: string, direction: string, mimeType: string) => {
    const name = `${direction} ${mimeType}`;
    const now = (tracks.get(name) ?? 0) + by;
    if (now === 0) tracks.delete(name);
    else tracks.set(name, now);
  };
  const metrics = {
    ...silentMetrics,
    error: (_: string, type: string) => errors.push(type),
    trackAdded: count(1),
    trackRemoved: count(-1),
  };
  call = await SimulatedCall.start({ delayMs: 10, sfu: { metrics } });
  call.sfu.on('message', ({ type, sessionID }) => {
    if (type === RtcMessageType.SDP) descriptions.push(sessionID);
  });
});

afterEach(() => call.close());

const asIs = (description: SessionDescription): SessionDescription => description;

async function shareScreen(codecs: readonly VideoCodecName[], rids: readonly string[] = [], tamper = asIs) {
  const sender = await call.join('sender', { voice: false, av1Support: true, tamper });
  call.sfu.receive({
    ...{ groupID: 'group', callID: 'call', userID: '', sessionID: 'sender' },
    ...{ type: RtcMessageType.ScreenOn, data: encodeScreenOn({ screenStreamID: 'screen' }) },
  });
  const track = sender.publishVideo({ streamId: 'screen', codecs, rids });
  const sent = sender.sendVideo(track, { framesPerSecond: 10 }, { framesPerSecond: 10, packetsPerFrame: 6 });
  call.time.runFor(1_000);
  return { sender, sent };
}

const join = (name: string, ...videoCodecs: VideoCodecName[]) =>
  call.join(name, { voice: false, av1Support: true, ...(videoCodecs.length > 0 && { videoCodecs }) });

const videoAt = (listener: Participant) => listener.receivedVideo('sender', 'screen');

/** Lets time pass, and returns how many frames were shown in it. */
function framesIn(ms: number, listener: Participant): number {
  const before = videoAt(listener)?.shown.length ?? 0;
  call.time.runFor(ms);
  return (videoAt(listener)?.shown.length ?? 0) - before;
}

const eventsOf = (sessionID: string, name: string) =>
  call.sfu.inspect('group', sessionID).events.filter(({ event }) => event === name);

describe('a sender that changes its codec', () => {
  it.each([['H264'], ['VP9'], ['AV1']] as const)('to %s goes on at receivers that have it', async (codec) => {
    const { sent } = await shareScreen(['VP8', codec]);
    const listener = await join('listener');
    expect(framesIn(2_000, listener)).toBeGreaterThan(15);
    descriptions.length = 0;
    for (const next of [codec, 'VP8', codec] as const) {
      sent.changeCodec(next);
      expect(framesIn(2_000, listener)).toBeGreaterThan(17);
      expect(videoAt(listener)).toMatchObject({ codec: next, corrupt: 0, keyframeRequests: 0, skipped: 0 });
      expect(call.sfu.inspect('group', 'sender').incoming).toMatchObject([{ codec: `video/${next}` }]);
      expect(call.sfu.inspect('group', 'listener').outgoing).toMatchObject([{ codec: `video/${next}` }]);
    }
    expect(descriptions).toEqual([]);
    expect(eventsOf('sender', 'codec changed')).toHaveLength(3);
    expect(Object.fromEntries(tracks)).toEqual({ [`in video/${codec}`]: 1, [`out video/${codec}`]: 1 });
    expect(errors).toEqual([]);
  });

  it('continues in both encodings of a simulcast', async () => {
    const { sent } = await shareScreen(['VP8', 'H264'], ['l', 'h']);
    const listener = await join('listener');
    call.time.runFor(14_000);
    const [lower, upper] = sent.encodings;
    expect(videoAt(listener)?.shown.at(-1)?.source).toBe(upper?.ssrc);
    sent.changeCodec('H264');
    expect(framesIn(2_000, listener)).toBeGreaterThan(17);
    expect(videoAt(listener)).toMatchObject({ codec: 'H264', corrupt: 0 });
    expect(videoAt(listener)?.shown.at(-1)?.source).toBe(upper?.ssrc);
    upper!.isPaused = true;
    call.time.runFor(4_000);
    expect(videoAt(listener)?.shown.at(-1)?.source).toBe(lower?.ssrc);
    expect(videoAt(listener)).toMatchObject({ codec: 'H264', corrupt: 0 });
  });

  it('is not shown where its codec is missing, which is reported, and is shown again with the next one', async () => {
    const { sent } = await shareScreen(['VP8', 'H264']);
    const [all, some] = [await join('all'), await join('some', 'VP8', 'AV1')];
    call.time.runFor(1_000);
    sent.changeCodec('H264');
    expect(framesIn(2_000, all)).toBeGreaterThan(17);
    expect(videoAt(some)).toBeUndefined();
    expect(eventsOf('some', 'track not decodable')).toMatchObject([{ detail: expect.stringMatching(/H264$/) }]);
    expect(errors).toEqual(['track']);
    expect(Object.fromEntries(tracks)).toEqual({ 'in video/H264': 1, 'out video/H264': 1 });
    sent.changeCodec('VP8');
    call.time.runFor(1_000);
    expect(framesIn(2_000, some)).toBeGreaterThan(17);
    expect(videoAt(some)).toMatchObject({ codec: 'VP8', corrupt: 0 });
    expect(framesIn(2_000, all)).toBeGreaterThan(17);
    expect(videoAt(all)).toMatchObject({ codec: 'VP8', corrupt: 0 });
    expect(Object.fromEntries(tracks)).toEqual({ 'in video/VP8': 1, 'out video/VP8': 2 });
  });

  it('continues over a lossy link, without packets of one codec under the numbers of another', async () => {
    const { sent } = await shareScreen(['VP8', 'H264']);
    const listener = await join('listener');
    call.time.runFor(1_000);
    call.network.setConditions({ lossRate: 0.05 });
    for (const next of ['H264', 'VP8', 'H264', 'VP8'] as const) {
      sent.changeCodec(next);
      call.time.runFor(5_000);
      expect(videoAt(listener)).toMatchObject({ codec: next, corrupt: 0 });
    }
  });

  it('continues after a negotiation that leaves another one only', async () => {
    const withoutVp8 = (sdp: string) =>
      sdp.replace('SAVPF 96 97 108 109', 'SAVPF 108 109').replaceAll(/a=(rtpmap|fmtp|rtcp-fb):9[67] .*\r\n/g, '');
    let hasOnlyH264 = false;
    const { sender, sent } = await shareScreen(['VP8', 'H264'], [], ({ type, sdp }) => ({
      type,
      sdp: hasOnlyH264 ? withoutVp8(sdp) : sdp,
    }));
    const [all, some] = [await join('all'), await join('some', 'VP8')];
    call.time.runFor(1_000);
    expect(videoAt(all)).toMatchObject({ codec: 'VP8' });
    descriptions.length = 0;
    hasOnlyH264 = true;
    sender.publishVideo();
    expect(framesIn(2_000, all)).toBeGreaterThan(17);
    expect(videoAt(all)).toMatchObject({ codec: 'H264', corrupt: 0, keyframeRequests: 0, skipped: 0 });
    expect(videoAt(some)).toBeUndefined();
    expect(descriptions).not.toContain('all');
    expect(sent.encodings[0]?.keyframes).toBeLessThan(8);
  });

  it('to a format that its section was not offered with gets another section', async () => {
    const { sent } = await shareScreen(['VP8', 'H264'], [], ({ type, sdp }) => ({
      type,
      sdp: sdp.replaceAll('profile-level-id=42e01f', 'profile-level-id=64001f'),
    }));
    const listener = await join('listener');
    call.time.runFor(1_000);
    const before = videoAt(listener)?.ssrc;
    sent.changeCodec('H264');
    call.time.runFor(1_000);
    expect(videoAt(listener)?.ssrc).not.toBe(before);
    expect(framesIn(2_000, listener)).toBeGreaterThan(17);
    expect(videoAt(listener)).toMatchObject({ codec: 'H264', corrupt: 0 });
    sent.changeCodec('VP8');
    expect(framesIn(2_000, listener)).toBeGreaterThan(17);
    expect(videoAt(listener)).toMatchObject({ codec: 'VP8', corrupt: 0 });
    expect(Object.fromEntries(tracks)).toEqual({ 'in video/VP8': 1, 'out video/VP8': 1 });
  });

  it('as often as packets can, costs the call one change per second', async () => {
    const { sent } = await shareScreen(['VP8', 'H264']);
    await join('listener');
    for (let change = 0; change < 50; change++) {
      sent.changeCodec(change % 2 === 0 ? 'H264' : 'VP8');
      call.time.runFor(100);
    }
    expect(eventsOf('sender', 'codec changed').length).toBeLessThanOrEqual(6);
    expect(call.sfu.stats().drops.rtp_other_codec).toBeGreaterThan(0);
  });
});
