import type { SessionDescription } from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeRemb } from '../src/rtcp/remb.ts';
import { type Participant, type ShownFrame, SimulatedCall, type VideoCodecName } from '../src/testing/index.ts';
import { referenceDistance } from '../src/testing/participant/temporal-layers.ts';
import { type SharedScreen, shareScreen } from './shared-screen.ts';

const FRAMES_PER_SECOND = 20;
/** 92 kbit/s, of which 23 and 46 are the lower layers. */
const LOW = { framesPerSecond: FRAMES_PER_SECOND, packetsPerFrame: 1, payloadBytes: 500, isLayered: true };
/** 1,026 kbit/s, of which 256 and 513 are the lower layers. */
const HIGH = { framesPerSecond: FRAMES_PER_SECOND, packetsPerFrame: 6, payloadBytes: 1_000, isLayered: true };
const PLENTY_BPS = 3_000_000;
const DESCRIPTOR_LINE =
  'a=extmap:13 https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';

let call: SimulatedCall;
let receiver: Participant;
let screen: SharedScreen;
afterEach(() => call.close());

/** Offers the dependency descriptor, as Chromium does. */
const withDescriptor = ({ type, sdp }: SessionDescription): SessionDescription => ({
  type,
  sdp: type === 'offer' ? sdp.replaceAll('a=extmap-allow-mixed', `a=extmap-allow-mixed\r\n${DESCRIPTOR_LINE}`) : sdp,
});

async function share(codec: VideoCodecName): Promise<void> {
  call = await SimulatedCall.start({ delayMs: 20 });
  receiver = await call.join('receiver', { voice: false, av1Support: true });
  screen = await shareScreen(call, [LOW, HIGH], {
    ...{ rids: ['l', 'h'], codecs: [codec], av1Support: true },
    ...(codec === 'AV1' && { tamper: withDescriptor }),
  });
}

const shown = (): readonly ShownFrame[] => receiver.receivedVideo('sender', 'screen')!.shown;

/** Lets time pass while the receiver estimates its bandwidth as this. */
function runFor(seconds: number, estimateBps: number): void {
  const packet = Buffer.alloc(64);
  const remb = packet.subarray(0, writeRemb(packet, 0, 1, estimateBps, []));
  for (let second = 0; second < seconds; second++) {
    receiver.sendRawRtcp(remb);
    call.time.runFor(1_000);
  }
}

/** Encoding and frames per second that the receiver is shown in the next seconds. */
function shownIn(seconds: number, estimateBps: number): string {
  const before = shown().length;
  runFor(seconds, estimateBps);
  const frames = shown().slice(before);
  const rids = new Set(frames.map(({ source }) => screen.encodings.find(({ ssrc }) => ssrc === source)?.rid));
  return `${[...rids].join()} ${Math.round(frames.length / seconds)}`;
}

/** Frames that were shown although the frame that they refer to was not. */
function undecodable(): ShownFrame[] {
  const keyframes = new Map<number, number>();
  const seen = new Set<string>();
  return shown().filter(({ source, frame, isKeyframe }) => {
    if (isKeyframe) keyframes.set(source, frame);
    seen.add(`${source} ${frame}`);
    const reference = frame - referenceDistance(frame - keyframes.get(source)!);
    return !seen.has(`${source} ${reference}`);
  });
}

describe.each(['VP8', 'AV1'] as const)('a screen in %s with temporal layers', (codec) => {
  beforeEach(() => share(codec));

  it('loses one layer after the other before it is shown in the lower encoding, and loses those of that one before it is paused', () => {
    runFor(14, PLENTY_BPS);
    const seen = [PLENTY_BPS, 700_000, 350_000, 150_000, 60_000].map((estimateBps) => {
      runFor(3, estimateBps);
      return shownIn(4, estimateBps);
    });
    expect(seen).toEqual(['h 20', 'h 10', 'h 5', 'l 20', 'l 10']);
    expect(undecodable()).toEqual([]);
    expect(receiver.receivedVideo('sender', 'screen')).toMatchObject({ codec, corrupt: 0 });
  });

  it('has its layers again, without a key frame, once they fit for ten seconds', () => {
    runFor(14, PLENTY_BPS);
    runFor(3, 350_000);
    const { keyframes } = screen.encodings[1]!;
    expect(shownIn(4, 700_000)).toBe('h 5');
    runFor(8, 700_000);
    expect(shownIn(4, 700_000)).toBe('h 10');
    runFor(14, PLENTY_BPS);
    expect(shownIn(4, PLENTY_BPS)).toBe('h 20');
    expect(screen.encodings[1]!.keyframes).toBe(keyframes);
    expect(undecodable()).toEqual([]);
    expect(receiver.receivedVideo('sender', 'screen')).toMatchObject({ codec, corrupt: 0 });
  });
});
