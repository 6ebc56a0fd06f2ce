import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeNack, writePictureLoss } from '../src/rtcp/feedback.ts';
import { type LinkConditions, SimulatedLink, VirtualTime } from '../src/testing/index.ts';
import { VideoReceiver } from './video-receiver.ts';
import { VideoRelay } from './video-relay.ts';
import { VideoSender, type VideoSenderOptions } from './video-sender.ts';

type RelayedReceiver = VideoRelay['receivers'][number];

const DELAY_MS = 20;

let time: VirtualTime;
let relay: VideoRelay;
let sender: VideoSender;
let uplink: SimulatedLink;
let seed: number;

beforeEach(() => {
  time = new VirtualTime();
  seed = 1;
});
afterEach(() => {
  sender.stop();
  expect(relay.reused).toEqual([]);
});

const newLink = (conditions: Partial<LinkConditions>) =>
  new SimulatedLink(time, { seed: seed++, delayMs: DELAY_MS, ...conditions });

function start(conditions: Partial<LinkConditions>, options: Partial<VideoSenderOptions> = {}): void {
  uplink = newLink(conditions);
  relay = new VideoRelay(time, (compound) => uplink.b.send(compound));
  uplink.b.onDatagram = (datagram) => relay.receiveFromSender(Buffer.from(datagram));
  const send = (packet: Buffer) => uplink.a.send(packet);
  sender = new VideoSender(time, { framesPerSecond: 20, usesRtx: true, ...options, send });
  uplink.a.onDatagram = (datagram) => sender.receive(Buffer.from(datagram));
}

interface Joined {
  readonly receiver: VideoReceiver;
  readonly relayed: RelayedReceiver;
  readonly link: SimulatedLink;
}

function join(conditions: Partial<LinkConditions>, usesRtx = true): Joined {
  const link = newLink(conditions);
  const ssrc = 1_000 + relay.receivers.length;
  const options = { ssrc, rtxSsrc: usesRtx ? ssrc + 500 : undefined, roundTripMs: 2 * DELAY_MS };
  const relayed = relay.join({ ...options, send: (packet) => link.a.send(packet) });
  const receiver = new VideoReceiver(time, { ...options, send: (compound) => link.b.send(compound) });
  link.a.onDatagram = (datagram) => relay.receiveFromReceiver(relayed, Buffer.from(datagram));
  link.b.onDatagram = (datagram) => receiver.receive(Buffer.from(datagram));
  return { receiver, relayed, link };
}

/** Frames that were not shown, of those between the first and the last shown. */
function skipped({ shown }: VideoReceiver): number {
  return shown.length === 0 ? Number.POSITIVE_INFINITY : shown.at(-1)! - shown[0]! + 1 - shown.length;
}

describe.each([
  ['with RTX', true],
  ['without RTX', false],
])('video %s', (_, usesRtx) => {
  it.each([0.02, 0.05, 0.1])('is shown frame by frame with a loss of %f on both legs', (lossRate) => {
    start({ lossRate, jitterMs: 5 }, { usesRtx });
    const receivers = [true, false].map((rtx) => join({ lossRate, jitterMs: 5 }, rtx));
    time.runFor(30_000);
    for (const { receiver } of receivers) {
      expect(receiver.shown.at(-1)).toBeGreaterThan(sender.frames - 20);
      expect(skipped(receiver)).toBeLessThan(0.02 * receiver.shown.length);
    }
    expect(sender.keyframes).toBeLessThan(4);
  });

  it('is shown with reordering and duplicates, and nothing is resent twice', () => {
    const conditions = { jitterMs: 1, reorderRate: 0.05, reorderDelayMs: 3, duplicateRate: 0.05 };
    start(conditions, { usesRtx });
    const { receiver, relayed } = join(conditions);
    time.runFor(20_000);
    expect(skipped(receiver)).toBe(0);
    expect(relayed.resent).toBe(0);
  });

  it('is shown without a gap between probes, which are not asked for again without end', () => {
    start({ lossRate: 0.05 }, { usesRtx, probesPerFrame: 4 });
    const { receiver, relayed } = join({ lossRate: 0.02 });
    time.runFor(20_000);
    expect(skipped(receiver)).toBeLessThan(0.02 * receiver.shown.length);
    expect(relayed.sent).toBeLessThan(sender.frames * 3 + sender.keyframes * 30);
    // At most ten requests for each of 5% of the probes.
    expect(uplink.b.stats.sent).toBeLessThan(sender.frames * (4 + 3) * 0.05 * 12 + 50);
  });
});

it('recovers from an outage with one key frame', () => {
  start({});
  const { receiver } = join({});
  time.runFor(5_000);
  const { keyframes } = sender;
  uplink.setConditions({ lossRate: 1 });
  time.runFor(20_000);
  uplink.setConditions({ lossRate: 0 });
  time.runFor(3_000);
  expect(receiver.shown.at(-1)).toBeGreaterThan(sender.frames - 5);
  expect(sender.keyframes - keyframes).toBeLessThanOrEqual(2);
});

describe('key frames', () => {
  it('are asked for once a second, however many receivers ask how often', () => {
    start({});
    const receivers = Array.from({ length: 50 }, () => join({}));
    time.runFor(2_000);
    const before = sender.pictureLossMs.length;
    const pictureLoss = Buffer.alloc(12);
    writePictureLoss(pictureLoss, 0, 1, 2);
    for (let round = 0; round < 50; round++) {
      for (const { link } of receivers) link.b.send(pictureLoss);
      time.runFor(200);
    }
    const passed = sender.pictureLossMs.slice(before);
    expect(passed.length).toBeGreaterThanOrEqual(9);
    for (let i = 1; i < passed.length; i++) expect(passed[i]! - passed[i - 1]!).toBeGreaterThanOrEqual(1_000);
  });

  it('are asked for when the second is over, if they were asked for within it', () => {
    start({}, { framesPerSecond: 0.2 });
    const { link } = join({});
    time.runFor(20_000);
    const pictureLoss = Buffer.alloc(12);
    writePictureLoss(pictureLoss, 0, 1, 2);
    const { length } = sender.pictureLossMs;
    link.b.send(pictureLoss);
    time.runFor(900);
    link.b.send(pictureLoss);
    time.runFor(200);
    const [first, second] = sender.pictureLossMs.slice(length);
    expect(second! - first!).toBe(1_000);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('reach a late joiner of a static screen over lossy links (seed %i)', (run) => {
    seed = 100 * run;
    start({ lossRate: 0.3 }, { framesPerSecond: 0.2 });
    time.runFor(30_000);
    const { receiver } = join({ lossRate: 0.3 });
    time.runFor(60_000);
    expect(receiver.shown.length).toBeGreaterThan(0);
    expect(receiver.shown.at(-1)).toBeGreaterThanOrEqual(sender.frames - 3);
  });
});

describe('NACKs', () => {
  it('are answered once when they arrive twice within a round trip', () => {
    start({});
    const { relayed, link } = join({});
    time.runFor(5_000);
    const nack = Buffer.alloc(16);
    writeNack(nack, 0, 1, 2, [(relayed.log.highestIndex - 100) % 0x1_0000]);
    const request = () => link.b.send(nack);
    request();
    time.runFor(20);
    request();
    time.runFor(100);
    expect(relayed.resent).toBe(1);
    request();
    time.runFor(100);
    expect(relayed.resent).toBe(2);
  });

  it('in floods cost the receiver no more packets than it was sent, and others nothing', () => {
    start({});
    const [attacker, other] = [join({}), join({})];
    time.runFor(5_000);
    const nack = Buffer.alloc(1_200);
    for (let round = 0; round < 1_000; round++) {
      const highest = attacker.relayed.log.highestIndex;
      const numbers = Array.from({ length: 250 }, (_, i) => (highest - 250 + i) % 0x1_0000);
      attacker.link.b.send(nack.subarray(0, writeNack(nack, 0, 1, 2, numbers)));
      time.runFor(10);
    }
    expect(attacker.relayed.resent).toBeLessThanOrEqual(attacker.relayed.sent + 32);
    expect(relay.drops.nack_over_limit + relay.drops.nack_repeated).toBeGreaterThan(200_000);
    expect(other.relayed.resent).toBe(0);
    expect(skipped(other.receiver)).toBe(0);
  });
});

it('never sends two contents under one index, whatever is lost, asked for, and resent how', () => {
  const run = fc.record({
    seed: fc.nat(),
    lossRate: fc.double({ min: 0, max: 0.4, noNaN: true }),
    jitterMs: fc.nat(40),
    usesRtx: fc.boolean(),
    probesPerFrame: fc.nat(6),
    receivers: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
  });
  fc.assert(
    fc.property(run, ({ seed: from, lossRate, jitterMs, usesRtx, probesPerFrame, receivers }) => {
      time = new VirtualTime();
      seed = from;
      start(
        { lossRate, jitterMs, duplicateRate: 0.1, reorderDelayMs: 100, reorderRate: 0.1 },
        { usesRtx, probesPerFrame },
      );
      const joined = receivers.map((rtx) => join({ lossRate, jitterMs, duplicateRate: 0.1 }, rtx));
      time.runFor(3_000);
      for (const { relayed } of joined) {
        relayed.responder.adopt(undefined);
        time.runFor(1_000);
        relayed.responder.adopt(97);
      }
      time.runFor(2_000);
      sender.stop();
      expect(relay.reused).toEqual([]);
    }),
    { numRuns: 20 },
  );
});
