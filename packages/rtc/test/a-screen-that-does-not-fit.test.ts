import { encodeScreenOn, encodeVideoOn, RtcMessageType } from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { NarrowLink } from './narrow-link.ts';

/** 202 kbit/s. */
const SCREEN = { framesPerSecond: 5, packetsPerFrame: 8, payloadBytes: 570, packetsPerKeyframe: 12 };
/** 91 kbit/s. */
const CAMERA = { framesPerSecond: 15, packetsPerFrame: 1, payloadBytes: 700, packetsPerKeyframe: 4 };
/** 150 kbit/s beside a voice of 50. */
const NARROW_BPS = 200_000;
const WIDE_BPS = 1_500_000;

let call: SimulatedCall;
let link: NarrowLink;
let receiver: Participant;
let speaker: Participant;
afterEach(() => call.close());

async function publish(
  participant: Participant,
  sessionID: string,
  announcement: RtcMessageType,
  encoding: typeof SCREEN,
) {
  const track = participant.publishVideo({ codecs: ['VP8'] });
  const isScreen = announcement === RtcMessageType.ScreenOn;
  const data = isScreen
    ? encodeScreenOn({ screenStreamID: track.streamId })
    : encodeVideoOn({ videoStreamID: track.streamId });
  call.sfu.receive({ groupID: 'group', callID: 'call', userID: '', sessionID, type: announcement, data });
  call.time.runFor(500);
  participant.sendVideo(track, encoding);
}

/** One member speaks. Returns what arrives in each second: s for the screen, and c for the camera of the speaker. */
function speak(seconds: number): string[] {
  return Array.from({ length: seconds }, () => {
    for (let packet = 0; packet < 50; packet++) {
      speaker.sendVoice(packet < 30 ? 20 : 90);
      call.time.runFor(20);
    }
    const isArriving = (name: string, type: 'screen' | 'video') =>
      (receiver.receivedVideo(name, type)?.shown.at(-1)?.atMs ?? 0) > call.time.nowMs - 1_500;
    return `${isArriving('sharer', 'screen') ? 's' : ''}${isArriving('speaker', 'video') ? 'c' : ''}`;
  });
}

const lostVoice = () => receiver.received('speaker', 'voice')!.gaps;
const share = (seen: readonly string[], what: string) => seen.filter((now) => now.includes(what)).length / seen.length;

describe.each([1, 2, 3])('a screen of 202 kbit/s on a path that leaves 150 of voice, seed %i', (seed) => {
  beforeEach(async () => {
    call = await SimulatedCall.start({ delayMs: 20, seed });
    link = new NarrowLink(call, WIDE_BPS);
    receiver = await call.join('receiver', { voice: false, reportsArrivals: true, openIo: link.openIo });
    const sharer = await call.join('sharer', { voice: false });
    speaker = await call.join('speaker');
    await publish(sharer, 'sharer', RtcMessageType.ScreenOn, SCREEN);
    await publish(speaker, 'speaker', RtcMessageType.VideoOn, CAMERA);
    expect(speak(20).at(-1)).toBe('sc');
  });

  it('makes room for a camera, which fits, and voice is heard', () => {
    link.capacityBps = NARROW_BPS;
    speak(20);
    const lost = lostVoice();
    const seen = speak(60);
    expect(share(seen, 'c')).toBeGreaterThan(0.95);
    expect(share(seen, 's')).toBeLessThan(0.05);
    expect(lostVoice()).toBe(lost);
  });

  it('is back once it fits', () => {
    link.capacityBps = NARROW_BPS;
    speak(30);
    link.capacityBps = WIDE_BPS;
    const seen = speak(40);
    expect(seen.indexOf('sc')).toBeGreaterThan(0);
    expect(seen.indexOf('sc')).toBeLessThan(30);
    expect(seen.slice(-10)).toEqual(Array(10).fill('sc'));
  });
});
