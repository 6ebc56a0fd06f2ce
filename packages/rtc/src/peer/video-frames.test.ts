import { describe, expect, it } from 'vitest';
import { SenderClock } from '../rtcp/sender-clock.ts';
import { rtpHeaderLength, writeRtpHeader } from '../rtp/header.ts';
import { FrameTimes } from './frame-times.ts';
import type { ReceivedFrame } from './received-frame.ts';
import { VideoFrames } from './video-frames.ts';

const START = 0x10;
/** First byte of a VP8 frame header (RFC 7741 section 4.3). */
const KEYFRAME = 0x00;
const INTERFRAME = 0x01;

interface PacketOptions {
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: readonly number[];
  readonly payloadType?: number;
}

function packetOf({ payload, payloadType = 96, ...fields }: PacketOptions): Buffer {
  const packet = Buffer.alloc(12 + payload.length);
  writeRtpHeader(packet, 0, { ...fields, payloadType, ssrc: 7 });
  packet.set(payload, 12);
  return packet;
}

function setup() {
  const frames: ReceivedFrame[] = [];
  const requested: number[] = [];
  let keyframeRequests = 0;
  const receiver = new VideoFrames(
    {
      mimeType: 'video/VP8',
      payloadType: 96,
      times: new FrameTimes(90_000, new SenderClock()),
      onFrame: (frame) => frames.push(frame),
      requestPackets: (numbers) => requested.push(...numbers),
      requestKeyframe: () => keyframeRequests++,
    },
    0,
  );
  const receive = (options: PacketOptions, nowMs: number) => {
    const packet = packetOf(options);
    receiver.receive(packet, rtpHeaderLength(packet), nowMs);
  };
  return { receiver, frames, requested, receive, keyframeRequests: () => keyframeRequests };
}

const keyframe = { sequenceNumber: 1, timestamp: 0, marker: false, payload: [START, KEYFRAME, 1] };
const restOfKeyframe = { sequenceNumber: 2, timestamp: 0, marker: true, payload: [0, 2, 3] };
const interframe = (sequenceNumber: number, timestamp: number) => ({
  sequenceNumber,
  timestamp,
  marker: true,
  payload: [START, INTERFRAME, sequenceNumber],
});

describe('pictures of a video', () => {
  it('are put together from their packets, in order', () => {
    const { frames, receive } = setup();
    receive(keyframe, 0);
    receive(interframe(3, 3_000), 1);
    receive(restOfKeyframe, 2);
    expect(frames.map(({ payload, isKeyframe }) => [[...payload], isKeyframe])).toEqual([
      [[KEYFRAME, 1, 2, 3], true],
      [[INTERFRAME, 3], false],
    ]);
  });

  it('begin with a key frame, which is asked for once a second', () => {
    const { frames, receive, receiver, keyframeRequests } = setup();
    receive(interframe(1, 0), 0);
    receiver.timeout(0);
    receiver.timeout(999);
    expect(keyframeRequests()).toBe(1);
    receiver.timeout(1_000);
    expect(keyframeRequests()).toBe(2);
    expect(frames).toEqual([]);
  });

  it('wait for packets that are lost, which are asked for', () => {
    const { frames, requested, receive, receiver } = setup();
    receive(keyframe, 0);
    receive(interframe(3, 3_000), 0);
    receiver.timeout(20);
    expect(requested).toEqual([2]);
    receive(restOfKeyframe, 40);
    expect(frames.length).toBe(2);
  });

  it('continue with a key frame where packets do not arrive', () => {
    const { frames, receive, receiver, keyframeRequests } = setup();
    receive(keyframe, 0);
    receive(restOfKeyframe, 0);
    receive(interframe(4, 6_000), 10);
    receiver.timeout(1_010);
    expect(keyframeRequests()).toBe(1);
    receive(interframe(5, 9_000), 1_020);
    receive({ ...keyframe, sequenceNumber: 6, timestamp: 12_000, marker: true }, 1_030);
    expect(frames.map(({ timestamp, followsLoss }) => [timestamp, followsLoss])).toEqual([
      [0, false],
      [12_000, true],
    ]);
  });

  it('are none where a picture ends without its end', () => {
    const { frames, receive } = setup();
    receive(keyframe, 0);
    receive(interframe(2, 3_000), 0);
    expect(frames).toEqual([]);
  });

  it('are not disturbed by padding, empty descriptors, or packets of other codecs', () => {
    const { frames, receive } = setup();
    receive(keyframe, 0);
    receive({ ...restOfKeyframe, payloadType: 97 }, 0);
    receive({ ...restOfKeyframe, sequenceNumber: 3, payload: [] }, 0);
    receive({ ...restOfKeyframe, sequenceNumber: 4 }, 0);
    expect(frames.length).toBe(1);
    receive({ ...interframe(5, 3_000), payload: [START | 0x80] }, 0);
    expect(frames.length).toBe(1);
  });
});
