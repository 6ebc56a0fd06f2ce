import { encodeScreenOn, encodeVideoOn, RtcMessageType } from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Participant, type SentVideo, SimulatedCall } from '../src/testing/index.ts';
import { NarrowLink } from './narrow-link.ts';

/** 80 kbit/s and 960 kbit/s. */
const SCREEN = [
  { framesPerSecond: 5, packetsPerFrame: 4, packetsPerKeyframe: 20 },
  { framesPerSecond: 20, packetsPerFrame: 6, payloadBytes: 1_000, packetsPerKeyframe: 20 },
];
/** 144 kbit/s. */
const CAMERA = { framesPerSecond: 15, packetsPerFrame: 2, payloadBytes: 600, packetsPerKeyframe: 10 };
const MEMBERS = ['ann', 'bob', 'cyd', 'dan', 'eve'];

let call: SimulatedCall;
let link: NarrowLink;
let receiver: Participant;
let screen: SentVideo;
const members = new Map<string, Participant>();

function announce(sessionID: string, type: RtcMessageType, data: Uint8Array): void {
  call.sfu.receive({ groupID: 'group', callID: 'call', userID: '', sessionID, type, data });
}

/** A screen with a small and a large encoding, five cameras, and a receiver behind a link. */
async function meet(capacityBps: number, seed: number): Promise<void> {
  call = await SimulatedCall.start({ delayMs: 20, seed });
  link = new NarrowLink(call, capacityBps);
  receiver = await call.join('receiver', { voice: false, reportsArrivals: true, openIo: link.openIo });
  const sharer = await call.join('sharer', { voice: false });
  const track = sharer.publishVideo({ codecs: ['VP8'], rids: ['l', 'h'] });
  announce('sharer', RtcMessageType.ScreenOn, encodeScreenOn({ screenStreamID: track.streamId }));
  call.time.runFor(500);
  screen = sharer.sendVideo(track, ...SCREEN);
  for (const name of MEMBERS) {
    const member = await call.join(name);
    members.set(name, member);
    const camera = member.publishVideo({ codecs: ['VP8'] });
    announce(name, RtcMessageType.VideoOn, encodeVideoOn({ videoStreamID: camera.streamId }));
    call.time.runFor(500);
    member.sendVideo(camera, CAMERA);
  }
}

/** One member speaks, with pauses between words. The others are muted. */
function speak(name: string, seconds: number): void {
  for (let packet = 0; packet < seconds * 50; packet++) {
    members.get(name)?.sendVoice(packet % 50 < 30 ? 20 : 90);
    call.time.runFor(20);
  }
}

/** Videos that arrive: l or h for the screen, and the first letters of members. */
function arriving(): string {
  const isArriving = (name: string) =>
    (receiver.receivedVideo(name, name === 'sharer' ? 'screen' : 'video')?.shown.at(-1)?.atMs ?? 0) >
    call.time.nowMs - 1_500;
  const shown = receiver.receivedVideo('sharer')?.shown.at(-1);
  const rid = screen.encodings.find(({ ssrc }) => ssrc === shown?.source)?.rid ?? '';
  return [isArriving('sharer') ? rid : '', ...MEMBERS.map((name) => (isArriving(name) ? name[0] : ''))].join('');
}

/** Returns the videos that arrive in each of these seconds. */
function eachSecond(seconds: number, speaker = 'bob'): string[] {
  return Array.from({ length: seconds }, () => {
    speak(speaker, 1);
    return arriving();
  });
}

const lostVoice = () => MEMBERS.reduce((sum, name) => sum + (receiver.received(name, 'voice')?.gaps ?? 0), 0);
const changesOf = (seconds: readonly string[]) =>
  seconds.filter((now, second) => second > 0 && now !== seconds[second - 1]);

beforeEach(() => members.clear());
afterEach(() => call.close());

describe('a receiver of a screen and five cameras', { timeout: 200_000 }, () => {
  it.each([
    [300_000, 2, 'the screen', /^l/],
    [300_000, 3, 'the screen', /^l/],
    [300_000, 4, 'the screen', /^l/],
    [1_000_000, 1, 'the screen and the camera of the speaker', /^l.*b/],
    [3_000_000, 1, 'everything', /^habcde$/],
  ])(
    'over a link of %i bit/s, with seed %i, gets %s, hears everything, and sees little change',
    async (capacityBps, seed, _, expected) => {
      await meet(capacityBps, seed);
      // By then, trials of the better screen are minutes apart.
      eachSecond(90);
      const lost = lostVoice();
      const steady = eachSecond(60);
      expect(steady.at(-1)).toMatch(expected);
      expect(changesOf(steady).length).toBeLessThanOrEqual(2);
      expect(lostVoice()).toBe(lost);
    },
  );

  it.each([5, 6, 7, 9])(
    'keeps the screen while its link is narrow, and has everything again once it is wide, with seed %i',
    async (seed) => {
      await meet(3_000_000, seed);
      eachSecond(20);
      link.capacityBps = 500_000;
      const narrow = eachSecond(20);
      expect(narrow.slice(3).every((now) => /^l.{0,3}$/.test(now))).toBe(true);
      link.capacityBps = 3_000_000;
      const wide = eachSecond(60);
      expect(wide.findIndex((now) => now.startsWith('h'))).toBeLessThan(20);
      expect(wide.at(-1)).toBe('habcde');
    },
  );
});
