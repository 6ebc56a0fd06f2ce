import { encodeVideoOn, RtcMessageType } from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Participant, type SentVideo, SimulatedCall, type VideoEncodingOptions } from '../src/testing/index.ts';
import { NarrowLink } from './narrow-link.ts';

/** 96 kbit/s and 490 kbit/s. */
const SMALL = { framesPerSecond: 15, packetsPerFrame: 1, payloadBytes: 800, packetsPerKeyframe: 3 };
const LARGE = { framesPerSecond: 15, packetsPerFrame: 4, payloadBytes: 1_000, packetsPerKeyframe: 8 };
const MEMBERS = ['ann', 'bob', 'cyd'];

let call: SimulatedCall;
let receiver: Participant;
const members = new Map<string, { readonly participant: Participant; readonly camera: SentVideo }>();

/** Members with cameras, and a receiver behind a link. */
async function meet(capacityBps: number, rids: readonly string[], encodings: readonly VideoEncodingOptions[]) {
  call = await SimulatedCall.start({ delayMs: 20 });
  const link = new NarrowLink(call, capacityBps);
  receiver = await call.join('receiver', { voice: false, reportsArrivals: true, openIo: link.openIo });
  for (const sessionID of MEMBERS) {
    const participant = await call.join(sessionID);
    const track = participant.publishVideo({ codecs: ['VP8'], rids });
    const data = encodeVideoOn({ videoStreamID: track.streamId });
    call.sfu.receive({ groupID: 'group', callID: 'call', userID: '', sessionID, type: RtcMessageType.VideoOn, data });
    call.time.runFor(500);
    members.set(sessionID, { participant, camera: participant.sendVideo(track, ...encodings) });
  }
}

/** The RID that arrives of a camera, or - while none does. */
function arriving(name: string): string {
  const last = receiver.receivedVideo(name, 'video')?.shown.at(-1);
  if (last === undefined || last.atMs < call.time.nowMs - 500) return '-';
  return members.get(name)!.camera.encodings.find(({ ssrc }) => ssrc === last.source)!.rid ?? '0';
}
const allArriving = () => MEMBERS.map(arriving).join('');

/** One member speaks, and the others are silent. Returns what arrives in each tenth of a second. */
function speak(name: string, seconds: number): string[] {
  const seen: string[] = [];
  for (let packet = 0; packet < seconds * 50; packet++) {
    for (const other of MEMBERS) {
      members.get(other)!.participant.sendVoice(other === name && packet % 50 < 40 ? 20 : 100);
    }
    call.time.runFor(20);
    if (packet % 5 === 4) seen.push(allArriving());
  }
  return seen;
}

beforeEach(() => members.clear());
afterEach(() => call.close());

describe('a camera with two encodings, over a link that carries one large one', { timeout: 100_000 }, () => {
  beforeEach(() => meet(1_200_000, ['l', 'h'], [SMALL, LARGE]));

  it('is large within two seconds after its member begins to speak, and the one before is small', () => {
    speak('ann', 60);
    expect(allArriving()).toBe('hll');
    for (const [name, expected] of [
      ['bob', 'lhl'],
      ['cyd', 'llh'],
      ['ann', 'hll'],
    ] as const) {
      const seen = speak(name, 15);
      expect(seen.indexOf(expected)).toBeLessThan(20);
      expect(seen.at(-1)).toBe(expected);
    }
  });

  it('does not follow each word of members that take turns', () => {
    speak('ann', 60);
    const large = Array.from({ length: 15 }, () => [...speak('bob', 1), ...speak('ann', 1)])
      .flat()
      .map((now) => now.includes('h') && now.indexOf('h'));
    const changes = large.filter((now, index) => index > 0 && now !== large[index - 1]);
    expect(changes.length).toBeGreaterThan(0);
    // In 30 s, one every 3 s.
    expect(changes.length).toBeLessThanOrEqual(10);
    expect(large.filter((name) => name === false).length).toBeLessThan(5);
  });
});

describe('a camera with one encoding, over a link that carries one', { timeout: 100_000 }, () => {
  beforeEach(() => meet(700_000, [], [LARGE]));

  it('is shown within two seconds after its member begins to speak, in place of the one before', () => {
    speak('ann', 60);
    expect(allArriving()).toBe('0--');
    for (const [name, expected] of [
      ['bob', '-0-'],
      ['cyd', '--0'],
      ['ann', '0--'],
    ] as const) {
      const seen = speak(name, 15);
      expect(seen.indexOf(expected)).toBeLessThan(20);
      expect(seen.at(-1)).toBe(expected);
    }
  });
});
