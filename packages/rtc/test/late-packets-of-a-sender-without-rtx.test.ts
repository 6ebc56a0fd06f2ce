import type { ObservedDatagram } from '@rtcd/packet-io/testing';
import { encodeScreenOn, RtcMessageType } from '@rtcd/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { RawVideo } from './raw-video.ts';

let call: SimulatedCall;
let receiver: Participant;
let video: RawVideo;
let lastSent: ObservedDatagram;

beforeEach(async () => {
  call = await SimulatedCall.start({
    delayMs: 10,
    onTransmit: (observed) => {
      lastSent = observed;
    },
  });
  receiver = await call.join('receiver', { voice: false });
  const sender = await call.join('sender', { voice: false, usesRtx: false });
  const track = sender.publishVideo({ streamId: 'screen', codecs: ['VP8'] });
  const data = encodeScreenOn({ screenStreamID: 'screen' });
  const type = RtcMessageType.ScreenOn;
  call.sfu.receive({ groupID: 'group', callID: 'call', userID: '', sessionID: 'sender', type, data });
  call.time.runFor(500);
  video = new RawVideo(sender, track, { ssrc: track.ssrc });
});
afterEach(() => call.close());

const sendFrames = (frames: number) => {
  for (let frame = 0; frame < frames; frame++) {
    video.sendFrame(call.time.nowMs, { isKeyframe: video.frames === 0 });
    call.time.runFor(10);
  }
};

/** Without the NACKs of the receiver, which asks for the packet meanwhile. */
const dropsOfMedia = () => Object.entries(call.sfu.stats().drops).filter(([reason]) => !reason.startsWith('nack'));

/** Loses the next frame. Returns what sends it again. */
function loseFrame(): () => void {
  const lost = video.nextIndex;
  video.loseFrame(call.time.nowMs);
  return () => video.sendLate(lost);
}

/** Sends a frame that the network holds back. Returns what delivers it. */
function holdFrameBack(): () => void {
  call.network.setConditions({ lossRate: 1 });
  video.sendFrame(call.time.nowMs);
  call.network.setConditions({ lossRate: 0 });
  const { datagram, from, to } = lastSent;
  return () => call.network.inject(datagram, from, to);
}

/** Effect of a packet that arrives so many packets behind the newest: packets that the receiver gets for it, and drops. */
function effectOf(packetsBehind: number, miss: () => () => void = loseFrame) {
  sendFrames(20);
  const arrive = miss();
  sendFrames(packetsBehind);
  call.time.runFor(500);
  const packets = receiver.receivedVideo('sender')!.packets;
  const before = dropsOfMedia();
  arrive();
  call.time.runFor(500);
  const grown = dropsOfMedia().map(([reason, count], at) => [reason, count - before[at]![1]] as const);
  return {
    forwarded: receiver.receivedVideo('sender')!.packets - packets,
    drops: Object.fromEntries(grown.filter(([, count]) => count !== 0)),
  };
}

it.each([1, 100, 255])('are forwarded when they are %i behind, which is within the packets that are kept', (behind) => {
  expect(effectOf(behind)).toEqual({ forwarded: 1, drops: {} });
});

it.each([256, 900, 1_023])(
  'are authentic when they are %i behind, and dropped as late because they may have come before',
  (behind) => {
    expect(effectOf(behind)).toEqual({ forwarded: 0, drops: { rtp_late: 1 } });
  },
);

it.each([1_024, 1_100])('are older than the replay window of SRTP when they are %i behind', (behind) => {
  // A sender of ours repeats none that is so old.
  expect(effectOf(behind, holdFrameBack)).toEqual({ forwarded: 0, drops: { srtp_replayed: 1 } });
});
