import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeRemb } from '../src/rtcp/remb.ts';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { type SharedScreen, shareScreen } from './shared-screen.ts';

const LOW = { framesPerSecond: 5 };
/** 480 kbit/s. */
const HIGH = { framesPerSecond: 20, payloadBytes: 1_000 };
const TOO_LITTLE_BPS = 400_000;
const ENOUGH_BPS = 500_000;

let call: SimulatedCall;
let receiver: Participant;
let screen: SharedScreen;

beforeEach(async () => {
  call = await SimulatedCall.start({ delayMs: 20 });
  receiver = await call.join('receiver', { voice: false });
});
afterEach(() => call.close());

const estimate = (bitrateBps: number, of = receiver) => {
  const packet = Buffer.alloc(64);
  of.sendRawRtcp(packet.subarray(0, writeRemb(packet, 0, 1, bitrateBps, [])));
};
const videoOf = (of: Participant) => of.receivedVideo('sender')!;
/** The RID of the encoding that a receiver was shown last. */
function shownBy(of = receiver): string | undefined {
  const { source } = videoOf(of).shown.at(-1)!;
  return screen.encodings.find(({ ssrc }) => ssrc === source)?.rid;
}

describe('by its transport-cc feedback, a receiver', () => {
  beforeEach(async () => {
    receiver = await call.join('reporter', { voice: false, reportsArrivals: true });
    // 1.6 Mbit/s, more than is tried without feedback.
    screen = await shareScreen(call, [LOW, { ...HIGH, packetsPerFrame: 10 }], { rids: ['l', 'h'] });
    call.time.runFor(15_000);
  });

  it('is estimated to have room for more than it gets', () => {
    expect(shownBy()).toBe('h');
    expect(videoOf(receiver)).toMatchObject({ skipped: 0, corrupt: 0 });
  });

  it('is estimated to lose too much', () => {
    call.network.setConditions({ lossRate: 0.25 });
    call.time.runFor(10_000);
    call.network.setConditions({ lossRate: 0 });
    call.time.runFor(2_000);
    expect(shownBy()).toBe('l');
  });
});

describe('of a screen in two encodings', () => {
  beforeEach(async () => {
    screen = await shareScreen(call, [LOW, HIGH], { rids: ['l', 'h'] });
    call.time.runFor(3_000);
  });

  it('a receiver gets the lower one first, and the upper one after ten seconds', () => {
    expect(shownBy()).toBe('l');
    call.time.runFor(12_000);
    expect(shownBy()).toBe('h');
    expect(videoOf(receiver)).toMatchObject({ skipped: 0, corrupt: 0 });
  });

  it('a receiver on a narrow path gets the lower one, and others the upper one', async () => {
    const other = await call.join('other', { voice: false });
    for (let second = 0; second < 30; second++) {
      estimate(TOO_LITTLE_BPS);
      estimate(ENOUGH_BPS, other);
      call.time.runFor(1_000);
    }
    expect(shownBy()).toBe('l');
    expect(shownBy(other)).toBe('h');
  });

  it('a receiver whose path narrows gets the lower one with the next key frame, and tries the upper one again later', () => {
    call.time.runFor(12_000);
    estimate(TOO_LITTLE_BPS);
    call.time.runFor(1_000);
    expect(shownBy()).toBe('l');
    estimate(ENOUGH_BPS);
    call.time.runFor(10_000);
    expect(shownBy()).toBe('l');
    call.time.runFor(15_000);
    expect(shownBy()).toBe('h');
    expect(videoOf(receiver)).toMatchObject({ skipped: 0, corrupt: 0 });
  });

  it('a receiver of an upper one that stops gets the lower one within two seconds', () => {
    call.time.runFor(12_000);
    expect(shownBy()).toBe('h');
    screen.encodings[1]!.isPaused = true;
    call.time.runFor(2_500);
    expect(shownBy()).toBe('l');
    const { shown } = videoOf(receiver);
    const standstillsMs = shown.map(({ atMs }, index) => atMs - (shown[index - 1]?.atMs ?? atMs));
    expect(Math.max(...standstillsMs)).toBeLessThan(2_500);
  });

  it('a receiver stays with the lower one for good if the upper one never sends a key frame, and its sender is asked less and less', () => {
    const [lower, upper] = screen.encodings;
    upper!.requestKeyframe = () => {};
    upper!.keyframeRequestsMs.length = 0;
    call.time.runFor(120_000);
    const { shown } = videoOf(receiver);
    expect(shown.every(({ source }) => source === lower!.ssrc)).toBe(true);
    expect(shown.at(-1)!.frame).toBeGreaterThan(lower!.frames - 3);
    expect(videoOf(receiver)).toMatchObject({ skipped: 0, corrupt: 0 });
    expect(upper!.keyframeRequestsMs.length).toBeGreaterThan(0);
    expect(upper!.keyframeRequestsMs.length).toBeLessThan(40);
  });

  it('a receiver of an upper one that stops, with nothing but probes left, gets the lower one', () => {
    call.time.runFor(12_000);
    const upper = screen.encodings[1]!;
    upper.isPaused = true;
    for (let round = 0; round < 200; round++) {
      upper.probe(call.time.nowMs);
      call.time.runFor(20);
    }
    expect(shownBy()).toBe('l');
    const { shown } = videoOf(receiver);
    call.time.runFor(1_000);
    expect(shown.at(-1)!.frame).toBeGreaterThan(screen.encodings[0]!.frames - 3);
  });
});
