import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeRemb } from '../src/rtcp/remb.ts';
import { PADDING_BIT, payloadTypeOf } from '../src/rtp/header.ts';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { classify } from '../src/transport/demux.ts';
import { shareScreen } from './shared-screen.ts';

/** A key frame of 60 kB, 0.5 s at 1 Mbit/s. */
const BIG_KEYFRAMES = { framesPerSecond: 5, packetsPerKeyframe: 60, packetsPerFrame: 2, payloadBytes: 1_000 };

let call: SimulatedCall;
afterEach(() => call.close());

/** RTP that the SFU sends. */
interface Sent {
  readonly atMs: number;
  readonly bytes: number;
  readonly payloadType: number;
  readonly isPadded: boolean;
  readonly address: string;
}

const sent: Sent[] = [];

beforeEach(async () => {
  sent.length = 0;
  call = await SimulatedCall.start({
    delayMs: 20,
    onTransmit: ({ datagram, from, to: { address }, atMs }) => {
      const packet = Buffer.from(datagram);
      if (from.port !== 8443 || classify(packet) !== 'rtp') return;
      const isPadded = (packet[0]! & PADDING_BIT) !== 0;
      sent.push({ atMs, bytes: packet.length, payloadType: payloadTypeOf(packet), isPadded, address });
    },
  });
});

const estimate = (bitrateBps: number, of: Participant) => {
  const packet = Buffer.alloc(64);
  of.sendRawRtcp(packet.subarray(0, writeRemb(packet, 0, 1, bitrateBps, [])));
};

describe('a key frame', () => {
  it('is spread over the time that the way of a receiver takes, and arrives whole', async () => {
    const screen = await shareScreen(call, [BIG_KEYFRAMES]);
    const receiver = await call.join('receiver', { voice: false });
    call.time.runFor(2_000);
    estimate(500_000, receiver);
    call.time.runFor(1_000);
    sent.length = 0;
    screen.encodings[0]!.requestKeyframe();
    call.time.runFor(3_000);
    const [first] = sent.filter((packet, index) => sent[index + 5] && sent[index + 5]!.atMs - packet.atMs < 50);
    const burst = sent.filter(({ atMs }) => atMs >= first!.atMs).slice(0, 60);
    const durationMs = burst.at(-1)!.atMs - burst[0]!.atMs;
    // 60 kB at 2.5 times 500 kbit/s, less the 20 ms that leave at once.
    expect(durationMs).toBeGreaterThan(350);
    expect(durationMs).toBeLessThan(420);
    const video = receiver.receivedVideo('sender')!;
    expect(video).toMatchObject({ skipped: 0, corrupt: 0 });
    expect(video.shown.at(-1)!.frame).toBeGreaterThan(screen.encodings[0]!.frames - 4);
  });

  it('shows in the snapshot of the call while it waits', async () => {
    const screen = await shareScreen(call, [BIG_KEYFRAMES]);
    const receiver = await call.join('receiver', { voice: false });
    call.time.runFor(2_000);
    estimate(500_000, receiver);
    call.time.runFor(1_000);
    const pacer = () => call.sfu.inspectCall('group', 'call').members[1]!.pacer;
    expect(pacer()).toEqual({ packets: 0, ageMs: 0 });
    screen.encodings[0]!.requestKeyframe();
    const seen = Array.from({ length: 50 }, () => {
      call.time.runFor(20);
      return pacer();
    });
    expect(Math.max(...seen.map(({ packets }) => packets))).toBeGreaterThan(30);
    expect(Math.max(...seen.map(({ ageMs }) => ageMs))).toBeGreaterThan(200);
    expect(seen.at(-1)).toEqual({ packets: 0, ageMs: 0 });
  });

  it('leaves at once towards a receiver whose way is wide', async () => {
    const screen = await shareScreen(call, [{ ...BIG_KEYFRAMES, packetsPerKeyframe: 10 }]);
    const receiver = await call.join('receiver', { voice: false });
    call.time.runFor(2_000);
    estimate(3_000_000, receiver);
    call.time.runFor(1_000);
    sent.length = 0;
    screen.encodings[0]!.requestKeyframe();
    call.time.runFor(200);
    const times = new Set(sent.map(({ atMs }) => atMs));
    expect(sent.length).toBeGreaterThanOrEqual(10);
    expect(times.size).toBeLessThanOrEqual(2);
  });
});

describe('voice', () => {
  it('does not wait for a key frame', async () => {
    const speaker = await call.join('speaker');
    const screen = await shareScreen(call, [BIG_KEYFRAMES]);
    const receiver = await call.join('receiver', { voice: false });
    call.time.runFor(2_000);
    estimate(500_000, receiver);
    call.time.runFor(1_000);
    screen.encodings[0]!.requestKeyframe();
    call.time.runFor(250);
    sent.length = 0;
    speaker.sendVoice();
    const spokenMs = call.time.nowMs;
    call.time.runFor(21);
    expect(sent.filter(({ bytes }) => bytes < 150).map(({ atMs }) => atMs - spokenMs)).toContain(20);
  });
});

describe('padding', () => {
  it('is sent in the retransmission stream to a receiver that could use more, and to no other', async () => {
    const receiver = await call.join('receiver', { voice: false, reportsArrivals: true });
    await call.join('other', { voice: false });
    const large = { payloadBytes: 1_000, packetsPerFrame: 12 };
    await shareScreen(call, [{ framesPerSecond: 5 }, large], { rids: ['l', 'h'] });
    call.time.runFor(15_000);
    const padding = sent.filter(({ isPadded }) => isPadded);
    expect(padding.length).toBeGreaterThan(0);
    expect(new Set(padding.map(({ address }) => address))).toEqual(new Set(['198.18.0.1']));
    expect(new Set(padding.map(({ payloadType }) => payloadType))).toEqual(new Set([97]));
    expect(receiver.receivedVideo('sender')).toMatchObject({ skipped: 0, corrupt: 0 });
  });
});
