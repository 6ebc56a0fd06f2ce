import { afterEach, expect, it } from 'vitest';
import { visitRtcp } from '../src/rtcp/compound.ts';
import { writeFullIntraRequest, writePictureLoss } from '../src/rtcp/feedback.ts';
import { RtcpType, writeRtcpHeader } from '../src/rtcp/packet.ts';
import { writeReceiverReport } from '../src/rtcp/report.ts';
import { visitTransportCc } from '../src/rtcp/transport-cc.ts';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { RawVideo } from './raw-video.ts';
import { shareScreen } from './shared-screen.ts';

let call: SimulatedCall;

afterEach(() => call.close());

const SLOW = { framesPerSecond: 0.2 };

it('of 50 receivers that each ask for a key frame 5 times a second, one request per second passes, by PLI or FIR', async () => {
  call = await SimulatedCall.start({ delayMs: 20 });
  const receivers: Participant[] = [];
  for (let index = 0; index < 50; index++) receivers.push(await call.join(`receiver-${index}`, { voice: false }));
  const { encodings } = await shareScreen(call, [SLOW]);
  call.time.runFor(20_000);
  const ssrcs = receivers.map((receiver) => receiver.receivedVideo('sender')!.ssrc);
  const before = encodings[0]!.keyframeRequestsMs.length;
  const packet = Buffer.alloc(20);
  for (let round = 0; round < 50; round++) {
    for (const [index, receiver] of receivers.entries()) {
      const end =
        index % 2 === 0
          ? writePictureLoss(packet, 0, 1, ssrcs[index]!)
          : writeFullIntraRequest(packet, 0, 1, ssrcs[index]!, round);
      receiver.sendRawRtcp(packet.subarray(0, end));
    }
    call.time.runFor(200);
  }
  const passed = encodings[0]!.keyframeRequestsMs.slice(before);
  expect(passed.length).toBeGreaterThanOrEqual(9);
  for (let i = 1; i < passed.length; i++) expect(passed[i]! - passed[i - 1]!).toBeGreaterThanOrEqual(999);
});

it('of a key frame that no receiver waits for any more, nothing is asked', async () => {
  call = await SimulatedCall.start({ delayMs: 20 });
  const receiver = await call.join('receiver', { voice: false });
  const other = await call.join('other', { voice: false });
  const { encodings } = await shareScreen(call, [SLOW]);
  call.time.runFor(20_000);
  const asked = () => encodings[0]!.keyframeRequestsMs.length;
  // A screen that stands still answers nothing.
  encodings[0]!.isPaused = true;
  const packet = Buffer.alloc(20);
  const request = (by: Participant) =>
    by.sendRawRtcp(packet.subarray(0, writePictureLoss(packet, 0, 1, by.receivedVideo('sender')!.ssrc)));
  const before = asked();
  request(receiver);
  request(other);
  call.time.runFor(2_500);
  expect(asked()).toBe(before + 3);
  call.sfu.leave('group', 'other');
  call.time.runFor(2_000);
  expect(asked()).toBe(before + 5);
  call.sfu.leave('group', 'receiver');
  call.time.runFor(60_000);
  expect(asked()).toBe(before + 5);
  await call.join('late', { voice: false });
  call.time.runFor(500);
  expect(asked()).toBe(before + 6);
});

it('a source that sent a goodbye gets no requests, however often it repeats it, and continues if it sends again', async () => {
  call = await SimulatedCall.start({ delayMs: 20 });
  const receiver = await call.join('receiver', { voice: false });
  const { sender, encodings } = await shareScreen(call, [{}, {}], { rids: ['l', 'h'] });
  const [low, high] = encodings;
  call.time.runFor(20_000);
  const video = () => receiver.receivedVideo('sender')!;
  expect(video().shown.at(-1)!.source).toBe(high!.ssrc);
  const asked: number[] = [];
  sender.on('rtcp', (compound) =>
    visitRtcp(compound, { onPictureLoss: (ssrc) => asked.push(ssrc), onNack: (ssrc) => asked.push(ssrc) }, 0),
  );
  high!.isPaused = true;
  call.network.setConditions({ lossRate: 0 });
  const goodbye = Buffer.alloc(16);
  const end = goodbye.writeUInt32BE(high!.ssrc, writeReceiverReport(goodbye, 0, 1, []) + 4);
  writeRtcpHeader(goodbye, 8, end, RtcpType.goodbye, 1);
  for (let round = 0; round < 3; round++) {
    sender.sendRawRtcp(goodbye);
    call.time.runFor(100);
  }
  // No waiting until its rate has run out.
  call.time.runFor(700);
  expect(video().shown.at(-1)!.source).toBe(low!.ssrc);
  call.time.runFor(10_000);
  expect(asked.filter((ssrc) => ssrc === high!.ssrc)).toEqual([]);
  high!.isPaused = false;
  call.time.runFor(60_000);
  expect(video().shown.at(-1)!.source).toBe(high!.ssrc);
  expect(video()).toMatchObject({ corrupt: 0 });
});

it('arrivals of sources that no description announced are reported to the congestion control', async () => {
  call = await SimulatedCall.start({ delayMs: 20 });
  const sender = await call.join('sender', { voice: false });
  const track = sender.publishVideo({ rids: ['l', 'h'], codecs: ['VP8'] });
  call.time.runFor(1_000);
  const received = new Set<number>();
  const lost: number[] = [];
  sender.on('rtcp', (compound) =>
    visitRtcp(
      compound,
      {
        onTransportCc: (packet) =>
          visitTransportCc(packet, (sequenceNumber, arrivalMs) => {
            if (arrivalMs === undefined) lost.push(sequenceNumber);
            else received.add(sequenceNumber);
          }),
      },
      0,
    ),
  );
  const known = new RawVideo(sender, track, { ssrc: 1, rid: 'l' });
  const unknown = new RawVideo(sender, track, { ssrc: 99 });
  for (let number = 0; number < 40; number += 2) {
    known.sendFrame(call.time.nowMs, { isKeyframe: number === 0, names: true, transportNumber: number });
    unknown.sendFrame(call.time.nowMs, { transportNumber: number + 1 });
    call.time.runFor(10);
  }
  call.time.runFor(500);
  expect([...received].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, number) => number));
  expect(lost).toEqual([]);
});
