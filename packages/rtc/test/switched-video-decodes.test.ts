import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL_LAYERS, type Layers } from '../src/codecs/layers.ts';
import { emptyPayloadDescriptor } from '../src/codecs/payload-descriptor.ts';
import { readVp8 } from '../src/codecs/vp8.ts';
import type { VideoCodecName } from '../src/testing/index.ts';
import { decodeCounters, hasFfmpeg } from './decode-video.ts';
import { DECODED_FORMATS, depacketize, vp9DescriptorLength } from './depacketize.ts';
import { LevelRelay, type RelayedPacket } from './level-relay.ts';
import { readCapture, type VideoCapture } from './video-capture.ts';

const canDecode = hasFfmpeg();
if (!canDecode) {
  const reason = 'no ffmpeg: the tests that decode switched video are skipped';
  if (process.env.REQUIRE_FFMPEG !== undefined) throw new Error(reason);
  console.warn(reason);
}

interface Step {
  readonly atMs: number;
  readonly level: number;
  readonly temporalId: number;
}

/** The packets that a receiver is sent, in order, which takes these steps. */
function relay(capture: VideoCapture, steps: readonly Step[]): RelayedPacket[] {
  const levels = new LevelRelay(capture);
  const pending = [...steps];
  for (const packet of capture.packets) {
    while (pending[0] && pending[0].atMs <= packet.arrivedMs) {
      const { level, temporalId } = pending.shift()!;
      levels.want(levels.ssrcs[level]!, { spatialId: 7, temporalId });
    }
    levels.receive(packet);
  }
  return levels.sent.toSorted((a, b) => a.index - b.index);
}

/** Frames of VP8, of those whose packets are all there. */
function framesOf(sent: readonly RelayedPacket[]): Buffer[] {
  const frames: Buffer[] = [];
  let parts: Buffer[] = [];
  let timestamp: number | undefined;
  for (const { payload, timestamp: next, marker } of sent) {
    const descriptor = emptyPayloadDescriptor();
    expect(readVp8(payload, 0, payload.length, descriptor)).toBe(true);
    if (next !== timestamp) parts = [];
    timestamp = next;
    parts.push(payload.subarray(descriptor.length));
    if (marker) frames.push(Buffer.concat(parts));
  }
  return frames;
}

const step = fc.record({
  atMs: fc.integer({ min: 1, max: 2_200 }),
  level: fc.nat(1),
  temporalId: fc.nat(2),
});

/**
 * Each frame decodes, and the pictures of each run never go back. At a switch, both encodings may show the same one. All runs go through one
 * decoder: each begins with a key frame.
 */
function expectDecoded(runs: readonly (readonly RelayedPacket[])[]): void {
  const framesOfRuns = runs.map(framesOf);
  const counters = decodeCounters('VP80', framesOfRuns.flat());
  expect(counters.length).toBe(framesOfRuns.flat().length);
  for (const { length } of framesOfRuns) {
    const shown = counters.splice(0, length);
    expect(shown).toEqual(shown.toSorted((one, other) => one - other));
    expect(shown[0]).toBeGreaterThan(0);
  }
}

describe.skipIf(!canDecode)('switched video', () => {
  const capture = readCapture('chromium-rtcd-vp8-simulcast-lh');
  const all = { level: 0, temporalId: 7 };

  it('decodes up a level, with layers off and on, and down again', () => {
    const sent = relay(capture, [
      { ...all, atMs: 0 },
      { atMs: 50, level: 1, temporalId: 7 },
      { atMs: 600, level: 1, temporalId: 0 },
      { atMs: 1_000, level: 1, temporalId: 1 },
      { atMs: 1_400, level: 0, temporalId: 7 },
    ]);
    expect(new Set(sent.map(({ source }) => source.ssrc)).size).toBe(2);
    expect(framesOf(sent).length).toBeGreaterThan(20);
    expectDecoded([sent]);
  });

  it.each(fc.sample(fc.nat(), 2))('decodes whatever the receiver wants when, by seed %i', (seed) => {
    const schedules = fc.sample(fc.array(step, { maxLength: 8 }), { numRuns: 12, seed });
    expectDecoded(
      schedules.map((steps) => relay(capture, [{ ...all, atMs: 0 }, ...steps.toSorted((a, b) => a.atMs - b.atMs)])),
    );
  });

  it('does not decode without its key frame', () => {
    const sent = relay(capture, [{ ...all, atMs: 0 }]);
    expect(() => decodeCounters('VP80', framesOf(sent).slice(2, 9))).toThrow('ffmpeg');
  });
});

interface LayerWish extends Layers {
  readonly atMs: number;
}

/** Bytes in front of what a decoder takes. */
const descriptorLength = (codec: VideoCodecName, payload: Buffer) =>
  codec === 'VP9' ? vp9DescriptorLength(payload) : 0;

/** Pictures that a receiver is sent, which wants these layers from these times on. */
function picturesOf(codec: VideoCodecName, capture: VideoCapture, wishes: readonly LayerWish[]): Buffer[] {
  const levels = new LevelRelay(capture);
  const pending = [...wishes];
  for (const packet of capture.packets) {
    while (pending[0] && pending[0].atMs <= packet.arrivedMs) levels.want(packet.ssrc, pending.shift()!);
    levels.receive(packet);
  }
  const pictures: Buffer[] = [];
  let payloads: Buffer[] = [];
  let timestamp: number | undefined;
  for (const { payload, marker, timestamp: next } of levels.sent.toSorted((a, b) => a.index - b.index)) {
    // The sender drops the rest of a picture when it begins a key frame.
    if (next !== timestamp) payloads = [];
    timestamp = next;
    payloads.push(payload.subarray(descriptorLength(codec, payload)));
    if (marker) pictures.push(depacketize(codec, payloads));
  }
  return pictures;
}

function expectPictures(codec: VideoCodecName, pictures: readonly Buffer[]): void {
  const counters = decodeCounters(DECODED_FORMATS[codec], pictures);
  expect(counters).toHaveLength(pictures.length);
  expect(counters).toEqual(counters.toSorted((one, other) => one - other));
  expect(counters[0]).toBeGreaterThan(0);
}

describe.skipIf(!canDecode).each([
  ['VP9', 'chromium-vp9-l3t3-key'],
  ['AV1', 'chromium-av1-l3t3-key'],
] as const)('%s in spatial and temporal layers', (codec, name) => {
  const capture = readCapture(name);
  it.each([
    [0, 0],
    [0, 7],
    [1, 1],
    [7, 0],
    [7, 7],
  ])('decodes up to spatial layer %i and temporal layer %i', (spatialId, temporalId) => {
    const pictures = picturesOf(codec, capture, [{ atMs: 0, spatialId, temporalId }]);
    expect(pictures.length).toBeGreaterThan(15);
    expectPictures(codec, pictures);
  });

  it.each(fc.sample(fc.nat(), 2))('decodes whatever the receiver wants when, by seed %i', (seed) => {
    const wish = fc.record({ atMs: fc.integer({ min: 1, max: 2_200 }), spatialId: fc.nat(2), temporalId: fc.nat(2) });
    for (const wishes of fc.sample(fc.array(wish, { maxLength: 8 }), { numRuns: 4, seed })) {
      const [all, ...others] = [{ atMs: 0, ...ALL_LAYERS }, ...wishes.toSorted((a, b) => a.atMs - b.atMs)];
      expectPictures(codec, picturesOf(codec, capture, [all!, ...others]));
    }
  });
});

it.skipIf(!canDecode)('H.264 decodes, with the parameter sets that its sender put in front of each key frame', () => {
  const pictures = picturesOf('H264', readCapture('chromium-h264-pm1'), [{ atMs: 0, ...ALL_LAYERS }]);
  expect(pictures.length).toBeGreaterThan(50);
  expectPictures('H264', pictures);
  expect(() => decodeCounters('h264', pictures.slice(1, 9))).toThrow('ffmpeg');
});
