import { encodeScreenOn, RtcMessageType, type SessionDescription } from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { visitRtcp } from '../src/rtcp/compound.ts';
import { type LocalTrack, type Participant, SimulatedCall } from '../src/testing/index.ts';
import { RawVideo } from './raw-video.ts';
import { shareScreen } from './shared-screen.ts';

let call: SimulatedCall;
let sender: Participant;
let receiver: Participant;
let track: LocalTrack;
/** Sources of which a key frame or a packet was asked for. */
let asked: number[];

async function start(rids: readonly string[], tamper?: (description: SessionDescription) => SessionDescription) {
  sender = await call.join('sender', { voice: false, ...(tamper && { tamper }) });
  track = sender.publishVideo({ streamId: 'screen', rids, codecs: ['VP8'] });
  const data = encodeScreenOn({ screenStreamID: 'screen' });
  call.sfu.receive({
    groupID: 'group',
    callID: 'call',
    userID: '',
    sessionID: 'sender',
    type: RtcMessageType.ScreenOn,
    data,
  });
  call.time.runFor(1_000);
  sender.on('rtcp', (compound) =>
    visitRtcp(compound, { onPictureLoss: (ssrc) => asked.push(ssrc), onNack: (ssrc) => asked.push(ssrc) }, 0),
  );
}

beforeEach(async () => {
  asked = [];
  call = await SimulatedCall.start({ delayMs: 20 });
  receiver = await call.join('receiver', { voice: false });
});
afterEach(() => call.close());

const sourcesShown = () => receiver.receivedVideo('sender')!.shown.map(({ source }) => source);
const sendFrames = (videos: readonly RawVideo[], frames: number, options = {}) => {
  for (let frame = 0; frame < frames; frame++) {
    call.time.runFor(50);
    for (const video of videos) video.sendFrame(call.time.nowMs, options);
  }
};

describe('the RID of a packet alone', () => {
  it('says its encoding, whatever sources the offer announced in whatever order', async () => {
    const announced = ['a=ssrc:11 cname:c', 'a=ssrc:22 cname:c', 'a=ssrc:33 cname:c', 'a=ssrc-group:FID 11 33', ''];
    await start(['h', 'l'], ({ type, sdp }) => ({
      type,
      sdp: type === 'offer' && sdp.includes('a=simulcast') ? sdp + announced.join('\r\n') : sdp,
    }));
    const [low, high] = [
      new RawVideo(sender, track, { ssrc: 11, rid: 'l' }),
      new RawVideo(sender, track, { ssrc: 22, rid: 'h' }),
    ];
    for (const video of [low, high]) video.sendFrame(call.time.nowMs, { isKeyframe: true, names: true });
    sendFrames([low, high], 5, { names: true });
    call.time.runFor(50);
    low.loseFrame(call.time.nowMs);
    const lost = low.nextIndex - 1;
    sendFrames([low, high], 1, { names: true });
    low.resend(lost, 33, 500, { names: true });
    sendFrames([low, high], 20);
    call.time.runFor(200);
    const { shown, corrupt, skipped } = receiver.receivedVideo('sender')!;
    expect(shown.every(({ source }) => source === 11)).toBe(true);
    expect({ frames: shown.length, corrupt, skipped }).toEqual({ frames: low.frames, corrupt: 0, skipped: 0 });
  });

  it('stays known once named, over reports and ICE restarts, and a source that replaces another names it again', async () => {
    await start(['l', 'h']);
    const [low, high] = [
      new RawVideo(sender, track, { ssrc: 1, rid: 'l' }),
      new RawVideo(sender, track, { ssrc: 2, rid: 'h' }),
    ];
    for (const video of [low, high]) video.sendFrame(call.time.nowMs, { isKeyframe: true, names: true });
    sendFrames([low, high], 10, { names: true });
    sendFrames([low, high], 60);
    sender.restartIce();
    call.time.runFor(500);
    sendFrames([low, high], 20);
    expect(sourcesShown().length).toBeGreaterThan(low.frames - 3);
    const restarted = new RawVideo(sender, track, { ssrc: 3, rid: 'l' });
    restarted.sendFrame(call.time.nowMs, { isKeyframe: true, names: true });
    sendFrames([restarted, high], 10, { names: true });
    sendFrames([restarted, high], 10);
    call.time.runFor(200);
    expect(sourcesShown().at(-1)).toBe(3);
    expect(receiver.receivedVideo('sender')).toMatchObject({ corrupt: 0, skipped: 0 });
    expect(call.sfu.stats().drops.rtp_unknown_ssrc).toBe(0);
  });

  it('says its encoding, whatever layer a descriptor inside names', async () => {
    await start(['l', 'h']);
    const [low, high] = [
      new RawVideo(sender, track, { ssrc: 1, rid: 'l' }),
      new RawVideo(sender, track, { ssrc: 2, rid: 'h' }),
    ];
    // A dependency descriptor of template 0, spatial layer 0, in both.
    const options = { names: true, stray: [0xc0, 0x00, 0x01] };
    for (const video of [low, high]) video.sendFrame(call.time.nowMs, { isKeyframe: true, ...options });
    asked.length = 0;
    sendFrames([low, high], 200, options);
    const sources = sourcesShown();
    const switches = sources.filter((source, index) => index > 0 && source !== sources[index - 1]);
    expect(switches.length).toBeLessThanOrEqual(1);
    expect(asked.length).toBeLessThanOrEqual(20);
    expect(receiver.receivedVideo('sender')).toMatchObject({ corrupt: 0 });
  });
});

it('an encoding of nothing but padding is not switched to, however much the path carries', async () => {
  await start(['l', 'h']);
  const [low, high] = [
    new RawVideo(sender, track, { ssrc: 1, rid: 'l' }),
    new RawVideo(sender, track, { ssrc: 2, rid: 'h' }),
  ];
  for (const video of [low, high]) video.sendFrame(call.time.nowMs, { isKeyframe: true, names: true });
  for (let round = 0; round < 600; round++) {
    call.time.runFor(33);
    low.sendFrame(call.time.nowMs, { names: round < 20, isKeyframe: round % 100 === 0 });
    high.sendPadding(call.time.nowMs, { names: round < 20 });
    if (round % 30 === 0) receiver.sendEstimate(5_000_000);
  }
  expect(new Set(sourcesShown())).toEqual(new Set([1]));
  expect(receiver.receivedVideo('sender')).toMatchObject({ corrupt: 0, skipped: 0 });
  expect(asked.filter((ssrc) => ssrc === 2).length).toBeLessThanOrEqual(12);
});

it('a switch to an encoding that sends no key frame leaves the old one flowing, on its section', async () => {
  const { encodings } = await shareScreen(call, [{ framesPerSecond: 5 }, { framesPerSecond: 20 }], {
    rids: ['l', 'h'],
  });
  const [low, high] = encodings;
  call.time.runFor(2_000);
  // Any request makes key frames of all encodings, but for this one.
  high!.requestKeyframe = () => {};
  const mapped = () => receiver.typesFrom('sender');
  const { sections } = receiver;
  call.time.runFor(9_000);
  for (let second = 0; second < 60; second++) {
    receiver.sendEstimate(5_000_000);
    const before = receiver.receivedVideo('sender')!.shown.length;
    call.time.runFor(1_000);
    expect(receiver.receivedVideo('sender')!.shown.length - before).toBeGreaterThanOrEqual(4);
  }
  expect(high!.keyframeRequestsMs.length).toBeGreaterThan(0);
  expect(new Set(sourcesShown())).toEqual(new Set([low!.ssrc]));
  expect(receiver.receivedVideo('sender')).toMatchObject({ corrupt: 0, skipped: 0 });
  expect(mapped()).toEqual(['screen']);
  expect(receiver.sections).toEqual(sections);
});
