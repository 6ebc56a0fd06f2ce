import { readFileSync } from 'node:fs';
import { encodeScreenOn, RtcMessageType } from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Participant,
  type RecordedVideo,
  readRecordedVideo,
  SimulatedCall,
  type VideoCodecName,
  type VideoReceiver,
} from '../src/testing/index.ts';
import { decodeCounters, hasFfmpeg } from './decode-video.ts';
import { DECODED_FORMATS, depacketize } from './depacketize.ts';

const CODECS: readonly VideoCodecName[] = ['VP8', 'AV1', 'H264', 'VP9'];
const FRAMES_PER_SECOND = 10;

const recordings = CODECS.map((codec) =>
  readRecordedVideo(readFileSync(new URL(`vectors/recorded/${codec.toLowerCase()}.json.gz`, import.meta.url))),
);
const recordingOf = (codec: VideoCodecName): RecordedVideo => recordings.find((it) => it.codec === codec)!;

const canDecode = hasFfmpeg();
if (!canDecode) {
  const reason = 'no ffmpeg: the tests that decode recorded video are skipped';
  if (process.env.REQUIRE_FFMPEG !== undefined) throw new Error(reason);
  console.warn(reason);
}

let call: SimulatedCall;
beforeEach(async () => {
  call = await SimulatedCall.start({ delayMs: 10 });
});
afterEach(() => call.close());

async function share(codecs: readonly VideoCodecName[]) {
  const sender = await call.join('sender', { voice: false, av1Support: true, recordings });
  call.sfu.receive({
    ...{ groupID: 'group', callID: 'call', userID: '', sessionID: 'sender' },
    ...{ type: RtcMessageType.ScreenOn, data: encodeScreenOn({ screenStreamID: 'screen' }) },
  });
  const track = sender.publishVideo({ streamId: 'screen', codecs });
  return sender.sendVideo(track, { framesPerSecond: FRAMES_PER_SECOND });
}

const listen = (name: string) => call.join(name, { voice: false, av1Support: true, recordings });

const received = (listener: Participant): VideoReceiver => listener.receivedVideo('sender', 'screen')!;

/** Frames of the recording that were shown: bit for bit, or the receiver would not have known them. */
const shownFrames = (listener: Participant): number[] => received(listener).shown.map(({ frame }) => frame);

/** Each frame follows the one before, or is the key frame. */
function expectDecodable(frames: readonly number[]): void {
  expect(frames[0]).toBe(0);
  for (const [at, frame] of frames.entries()) {
    if (frame !== 0) expect(frame).toBe(frames[at - 1]! + 1);
  }
}

describe.each(CODECS)('recorded video in %s', (codec) => {
  it('arrives bit for bit, at a late joiner from a key frame on', async () => {
    await share([codec]);
    const listener = await listen('listener');
    call.time.runFor(5_000);
    const late = await listen('late');
    call.time.runFor(2_000);
    for (const participant of [listener, late]) {
      expect(received(participant)).toMatchObject({ codec, corrupt: 0 });
      expectDecodable(shownFrames(participant));
    }
    expect(shownFrames(listener).length).toBeGreaterThan(6.5 * FRAMES_PER_SECOND);
    expect(shownFrames(late).length).toBeGreaterThan(1.5 * FRAMES_PER_SECOND);
  });

  it('arrives bit for bit over a lossy link', async () => {
    await share([codec]);
    const listener = await listen('listener');
    call.time.runFor(1_000);
    call.network.setConditions({ lossRate: 0.05 });
    call.time.runFor(10_000);
    expect(received(listener)).toMatchObject({ codec, corrupt: 0 });
    expectDecodable(shownFrames(listener));
    expect(shownFrames(listener).length).toBeGreaterThan(9 * FRAMES_PER_SECOND);
  });

  it.skipIf(!canDecode)('decodes to pictures whose counter says the same', async () => {
    await share([codec]);
    const listener = await listen('listener');
    call.time.runFor(5_000);
    const frames = shownFrames(listener);
    const descriptorBytes = codec === 'VP8' || codec === 'VP9' ? 1 : 0;
    const bytes = frames.map((frame) => {
      const { payloads } = recordingOf(codec).frames[frame]!;
      return depacketize(
        codec,
        payloads.map((payload) => payload.subarray(descriptorBytes)),
      );
    });
    expect(decodeCounters(DECODED_FORMATS[codec], bytes)).toEqual(frames.map((frame) => frame + 1));
  });
});

it('continues bit for bit when the sender changes its codec', async () => {
  const sent = await share(CODECS);
  const listener = await listen('listener');
  for (const codec of ['VP8', 'H264', 'AV1', 'VP9', 'VP8'] as const) {
    sent.changeCodec(codec);
    call.time.runFor(2_500);
    expect(received(listener)).toMatchObject({ codec, corrupt: 0 });
  }
  expectDecodable(shownFrames(listener));
  expect(shownFrames(listener).length).toBeGreaterThan(11.5 * FRAMES_PER_SECOND);
});
