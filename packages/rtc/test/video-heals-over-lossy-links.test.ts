import type { NetworkConditions } from '@rtcd/packet-io/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { visitRtcp } from '../src/rtcp/compound.ts';
import { writeNack, writePictureLoss } from '../src/rtcp/feedback.ts';
import { type Participant, SimulatedCall, type VideoEncoding } from '../src/testing/index.ts';
import { SentPackets } from './sent-packets.ts';
import { type SharedScreen, shareScreen } from './shared-screen.ts';

const PERFECT: Partial<NetworkConditions> = { lossRate: 0, reorderRate: 0, duplicateRate: 0 };

let call: SimulatedCall;
let sent: SentPackets;

beforeEach(() => {
  sent = new SentPackets();
});
afterEach(async () => {
  await call.close();
  expect(sent.reused).toEqual([]);
});

const start = async (seed = 1, nackBufferSize = 256) => {
  call = await SimulatedCall.start({ seed, delayMs: 20, sfu: { nackBufferSize }, createPlane: sent.createPlane });
};
const joinReceiver = (sessionID: string, usesRtx = true) => call.join(sessionID, { voice: false, usesRtx });
const videoOf = (receiver: Participant) => receiver.receivedVideo('sender')!;

/** Frames that a receiver has seen while all that was sent could arrive. */
function expectUpToDate(receiver: Participant, { frames, options }: VideoEncoding): void {
  const { shown, corrupt } = videoOf(receiver);
  expect(shown.at(-1)!.frame).toBeGreaterThan(frames - options.framesPerSecond / 2);
  expect(corrupt).toBe(0);
}

describe.each([
  ['with RTX', true],
  ['without RTX', false],
])('video of a sender %s', (_, usesRtx) => {
  it.each([0.02, 0.05, 0.1])('is shown frame by frame with a loss of %f on both legs', async (lossRate) => {
    await start();
    const receivers = [await joinReceiver('receiver'), await joinReceiver('without-rtx', false)];
    const {
      encodings: [encoding],
    } = await shareScreen(call, [{}], { usesRtx });
    call.time.runFor(3_000);
    call.network.setConditions({ lossRate });
    call.time.runFor(30_000);
    call.network.setConditions(PERFECT);
    call.time.runFor(1_000);
    for (const receiver of receivers) {
      expectUpToDate(receiver, encoding!);
      expect(videoOf(receiver).skipped).toBeLessThan(0.02 * videoOf(receiver).shown.length);
    }
    expect(videoOf(receivers[0]!).retransmissions).toBeGreaterThan(0);
    expect(videoOf(receivers[1]!).retransmissions).toBe(0);
    expect(encoding!.resent).toBeGreaterThan(0);
    // Two to begin with: the sender's own, and one for the receivers, who come later.
    expect(encoding!.keyframes).toBeLessThan(6);
  });

  it('is shown with reordering and duplicates, and nothing is resent', async () => {
    await start();
    const receiver = await joinReceiver('receiver');
    const {
      encodings: [encoding],
    } = await shareScreen(call, [{}], { usesRtx });
    call.time.runFor(3_000);
    call.network.setConditions({ delayMs: 1.5, reorderRate: 0.05, duplicateRate: 0.05 });
    call.time.runFor(20_000);
    expectUpToDate(receiver, encoding!);
    expect(videoOf(receiver).skipped).toBe(0);
    expect(encoding!.resent).toBe(0);
    expect(videoOf(receiver).retransmissions).toBe(0);
  });

  it('is shown without gaps between probes', async () => {
    await start();
    const receiver = await joinReceiver('receiver');
    const {
      encodings: [encoding],
    } = await shareScreen(call, [{}], { usesRtx });
    call.time.runFor(3_000);
    const before = call.sfu.stats().drops.nack_not_kept;
    call.network.setConditions({ lossRate: 0.02 });
    for (let round = 0; round < 500; round++) {
      for (let probe = 0; probe < 3; probe++) encoding!.probe(call.time.nowMs);
      call.time.runFor(40);
    }
    call.network.setConditions(PERFECT);
    call.time.runFor(1_000);
    expectUpToDate(receiver, encoding!);
    expect(videoOf(receiver).skipped).toBeLessThan(0.02 * videoOf(receiver).shown.length);
    // Receivers see gaps for lost probes alone: ten requests for each at most.
    expect(call.sfu.stats().drops.nack_not_kept - before).toBeLessThan(1_500 * 0.02 * 10 * 2);
  });
});

it('recovers from an outage with one key frame', async () => {
  await start();
  const receiver = await joinReceiver('receiver');
  const {
    encodings: [encoding],
  } = await shareScreen(call);
  call.time.runFor(5_000);
  const { keyframes } = encoding!;
  call.network.setConditions({ lossRate: 1 });
  call.time.runFor(10_000);
  call.network.setConditions(PERFECT);
  call.time.runFor(3_000);
  expectUpToDate(receiver, encoding!);
  expect(encoding!.keyframes - keyframes).toBeLessThanOrEqual(3);
});

describe('key frames', () => {
  const pictureLoss = (ssrc: number) => {
    const packet = Buffer.alloc(12);
    writePictureLoss(packet, 0, 1, ssrc);
    return packet;
  };

  it('are requested at once when a receiver joins', async () => {
    await start();
    const { encodings } = await shareScreen(call);
    call.time.runFor(10_000);
    const receiver = await joinReceiver('receiver');
    call.time.runFor(500);
    expect(encodings[0]!.keyframeRequestsMs).toHaveLength(1);
    expect(videoOf(receiver).shown[0]).toMatchObject({ isKeyframe: true });
  });

  it('are requested once a second, however many receivers ask how often', async () => {
    await start();
    const receivers: Participant[] = [];
    for (let i = 0; i < 10; i++) receivers.push(await joinReceiver(`receiver-${i}`));
    const {
      encodings: [encoding],
    } = await shareScreen(call);
    call.time.runFor(5_000);
    const before = encoding!.keyframeRequestsMs.length;
    for (let round = 0; round < 50; round++) {
      for (const receiver of receivers) receiver.sendRawRtcp(pictureLoss(videoOf(receiver).ssrc));
      call.time.runFor(200);
    }
    const passed = encoding!.keyframeRequestsMs.slice(before);
    expect(passed.length).toBeGreaterThanOrEqual(9);
    for (let i = 1; i < passed.length; i++) expect(passed[i]! - passed[i - 1]!).toBeGreaterThanOrEqual(999);
  });

  it('are requested when the second is over, if receivers asked within it', async () => {
    await start();
    const receiver = await joinReceiver('receiver');
    const {
      encodings: [encoding],
    } = await shareScreen(call, [{ framesPerSecond: 0.2 }]);
    call.time.runFor(20_000);
    const before = encoding!.keyframeRequestsMs.length;
    receiver.sendRawRtcp(pictureLoss(videoOf(receiver).ssrc));
    call.time.runFor(900);
    receiver.sendRawRtcp(pictureLoss(videoOf(receiver).ssrc));
    call.time.runFor(200);
    const [first, second] = encoding!.keyframeRequestsMs.slice(before);
    // Timers of many sessions fire together: up to 50 ms late.
    expect(second! - first!).toBeGreaterThanOrEqual(1_000);
    expect(second! - first!).toBeLessThan(1_060);
  });

  it.each([1, 2, 3, 4, 5, 6])('reach a late joiner of a static screen over lossy links (seed %i)', async (seed) => {
    await start(seed);
    const {
      encodings: [encoding],
    } = await shareScreen(call, [{ framesPerSecond: 0.2 }]);
    call.time.runFor(30_000);
    const receiver = await joinReceiver('receiver');
    call.network.setConditions({ lossRate: 0.3 });
    call.time.runFor(60_000);
    expect(videoOf(receiver).shown.length).toBeGreaterThan(0);
    call.network.setConditions(PERFECT);
    call.time.runFor(15_000);
    expect(videoOf(receiver).shown.at(-1)!.frame).toBeGreaterThanOrEqual(encoding!.frames - 2);
  });
});

describe('NACKs', () => {
  let receiver: Participant;
  let screen: SharedScreen;

  beforeEach(async () => {
    await start();
    receiver = await joinReceiver('receiver', false);
    screen = await shareScreen(call);
    call.time.runFor(5_000);
  });

  const nack = (sequenceNumbers: readonly number[]) => {
    const packet = Buffer.alloc(1_100);
    return packet.subarray(0, writeNack(packet, 0, 1, videoOf(receiver).ssrc, sequenceNumbers));
  };
  const before = (distance: number) => (videoOf(receiver).highestSequence - distance) & 0xffff;

  it('are answered once when they arrive twice at once', () => {
    const { packets } = videoOf(receiver);
    screen.encodings[0]!.isPaused = true;
    call.time.runFor(100);
    const arrived = () => videoOf(receiver).packets - packets;
    const paused = arrived();
    const request = nack([before(100)]);
    receiver.sendRawRtcp(request);
    call.time.runFor(10);
    receiver.sendRawRtcp(request);
    call.time.runFor(500);
    // The very packet that was sent: SRTP takes it for a repeated one.
    expect(arrived()).toBe(paused);
    expect(sent.repeated).toBe(1);
    expect(call.sfu.stats().drops.nack_repeated).toBe(1);
  });

  it('are answered from further back with a larger buffer, once', async () => {
    await call.close();
    sent = new SentPackets();
    await start(1, 1_024);
    receiver = await joinReceiver('receiver', false);
    screen = await shareScreen(call);
    call.time.runFor(20_000);
    const request = nack([before(900)]);
    for (let round = 0; round < 2; round++) {
      receiver.sendRawRtcp(request);
      call.time.runFor(10);
    }
    call.time.runFor(100);
    expect(sent.repeated).toBe(1);
  });

  it('for packets that are not kept are dropped', () => {
    receiver.sendRawRtcp(nack([before(900), before(901)]));
    call.time.runFor(100);
    expect(call.sfu.stats().drops.nack_not_kept).toBe(2);
    expect(sent.repeated).toBe(0);
  });

  it('in floods cost no more packets than were sent, and others nothing', async () => {
    const other = await joinReceiver('other');
    call.time.runFor(1_000);
    const earlier = sent.count;
    const requested = Array.from({ length: 250 }, (_, i) => 250 - i);
    for (let round = 0; round < 500; round++) {
      receiver.sendRawRtcp(nack(requested.map(before)));
      call.time.runFor(10);
    }
    expect(sent.repeated).toBeLessThanOrEqual(sent.count - sent.repeated + 32);
    expect(sent.repeated).toBeLessThan(sent.count - earlier);
    const { nack_over_limit, nack_repeated } = call.sfu.stats().drops;
    expect(nack_over_limit + nack_repeated).toBeGreaterThan(100_000);
    expectUpToDate(other, screen.encodings[0]!);
    expect(videoOf(other).skipped).toBe(0);
  });
});

it('asks a sender that knows FIR alone by FIR', async () => {
  await start();
  const tamper = ({ type, sdp }: { type: 'offer' | 'answer'; sdp: string }) => ({
    type,
    sdp: sdp.replaceAll(/a=rtcp-fb:\d+ nack( pli)?\r\n/g, ''),
  });
  const { sender } = await shareScreen(call, [{}], { tamper });
  const told: string[] = [];
  sender.on('rtcp', (compound) =>
    visitRtcp(
      compound,
      {
        onPictureLoss: () => told.push('pli'),
        onFullIntraRequest: () => told.push('fir'),
        onNack: () => told.push('nack'),
      },
      0,
    ),
  );
  call.time.runFor(5_000);
  const receiver = await joinReceiver('receiver');
  call.time.runFor(1_000);
  expect(told).toEqual(['fir']);
  expect(videoOf(receiver).shown.length).toBeGreaterThan(0);
});
