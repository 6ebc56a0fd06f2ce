import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DependencyReader } from '../src/codecs/dependency-descriptor.ts';
import { emptyPayloadDescriptor } from '../src/codecs/payload-descriptor.ts';
import { payloadReader } from '../src/codecs/payload-format.ts';
import { markerOf, timestampOf } from '../src/rtp/header.ts';
import { findHeaderExtension, headerExtensionLength } from '../src/rtp/header-extensions.ts';
import { timestampDelta } from '../src/rtp/sequence.ts';
import { LevelRelay, type RelayedPacket } from './level-relay.ts';
import {
  type CapturedPacket,
  readCapture,
  type VideoCapture,
  withoutDescriptors,
  withScrambledPayloads,
} from './video-capture.ts';

/** Before the packet at `at`, of 1, the receiver wants another encoding or other layers. */
interface Wish {
  readonly at: number;
  readonly level: number;
  readonly spatialId: number;
  readonly temporalId: number;
}

const wish = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  level: fc.nat(2),
  spatialId: fc.nat(2),
  temporalId: fc.nat(2),
});
const wishes = fc.array(wish, { minLength: 1, maxLength: 12 });

function relay(capture: VideoCapture, packets: readonly CapturedPacket[], wanted: readonly Wish[]): RelayedPacket[] {
  const levels = new LevelRelay(capture);
  const pending = [{ at: 0, level: 0, spatialId: 7, temporalId: 7 }, ...wanted.toSorted((a, b) => a.at - b.at)];
  packets.forEach((packet, position) => {
    while (pending[0] && pending[0].at <= position / packets.length) {
      const { level, ...layers } = pending.shift()!;
      levels.want(levels.ssrcs[level % levels.ssrcs.length]!, layers);
    }
    levels.receive(packet);
  });
  return levels.sent.toSorted((a, b) => a.index - b.index);
}

function payloadOf({ payload, source }: RelayedPacket) {
  const descriptor = emptyPayloadDescriptor();
  expect(payloadReader(source.mimeType)(payload, 0, payload.length, descriptor)).toBe(true);
  return descriptor;
}

const pictureKey = ({ ssrc, packet }: CapturedPacket): string => `${ssrc} ${timestampOf(packet)}`;

/** A frame of one spatial layer. */
const frameKey = ({ source, spatialId }: RelayedPacket): string =>
  `${source.ssrc} ${timestampOf(source.packet)} ${spatialId}`;

/** Packets of each picture, in the order of their indices. */
function picturesOf(sent: readonly RelayedPacket[]): RelayedPacket[][] {
  const pictures = new Map<number, RelayedPacket[]>();
  for (const packet of sent) pictures.set(packet.timestamp, [...(pictures.get(packet.timestamp) ?? []), packet]);
  return [...pictures.values()];
}

function expectNumbersUsedOnce(sent: readonly RelayedPacket[]): void {
  expect(new Set(sent.map(({ index }) => index)).size).toBe(sent.length);
  for (const [at, packet] of sent.entries()) {
    if (at > 0) expect(timestampDelta(packet.timestamp, sent[at - 1]!.timestamp)).toBeGreaterThanOrEqual(0);
  }
}

function expectPicturesNumberedInOrder(sent: readonly RelayedPacket[], expectStep: (step: number) => void): void {
  let last: { pictureId: number; temporalLevel0Index: number } | undefined;
  for (const picture of picturesOf(sent)) {
    const descriptors = picture.map(payloadOf);
    const { pictureId, pictureIdBits, temporalLevel0Index, temporalId } = descriptors[0]!;
    if (pictureIdBits === 0) return;
    expect(new Set(descriptors.map((descriptor) => descriptor.pictureId)).size).toBe(1);
    if (last) expectStep((pictureId - last.pictureId + 0x8000) % 0x8000);
    if (last && temporalLevel0Index >= 0 && last.temporalLevel0Index >= 0) {
      const step = (temporalLevel0Index - last.temporalLevel0Index + 0x100) % 0x100;
      if (temporalId > 0) expect(step).toBeLessThan(128);
    }
    last = { pictureId, temporalLevel0Index };
  }
}

/** Encrypted payloads are not rewritten. */
function expectSameBytes(sent: readonly RelayedPacket[]): void {
  for (const { payload, source } of sent) {
    expect(payload.equals(source.packet.subarray(source.start, source.end))).toBe(true);
  }
}

/** Each frame that is sent refers only to frames that were sent before. */
function expectDecodable({ frames }: VideoCapture, sent: readonly RelayedPacket[]): void {
  const ids = new Map(
    frames.map(({ ssrc, timestamp, spatialId, id, dependencies }) => [
      `${ssrc} ${timestamp} ${spatialId}`,
      { id, dependencies },
    ]),
  );
  const sentIds = new Set<number>();
  for (const key of new Set(sent.map(frameKey))) {
    const frame = ids.get(key);
    if (!frame) continue;
    for (const dependency of frame.dependencies) expect(sentIds, key).toContain(dependency);
    sentIds.add(frame.id);
  }
}

const FRAME_NUMBERS = 0x10000;

function dependenciesOf({ packet }: CapturedPacket, id: number): Buffer | undefined {
  const at = findHeaderExtension(packet, id);
  return at < 0 ? undefined : packet.subarray(at, at + headerExtensionLength(packet, at));
}

/**
 * Each dependency descriptor is that of the source with another frame number. The numbers have the distances of the source's until a switch, with
 * which they go on by one. What is sent of a source can be read from its first packet on.
 */
function expectDependenciesContinue({ descriptorId }: VideoCapture, sent: readonly RelayedPacket[]): void {
  let reader = new DependencyReader();
  let flowing: number | undefined;
  let offset = 0;
  let furthest = -1;
  for (const { dependencies, source } of sent) {
    const arrived = dependenciesOf(source, descriptorId);
    expect(dependencies === undefined).toBe(arrived === undefined);
    if (dependencies === undefined || arrived === undefined) continue;
    const number = dependencies.readUInt16BE(1);
    if (source.ssrc !== flowing) {
      reader = new DependencyReader();
      flowing = source.ssrc;
      if (furthest >= 0) expect(number).toBe((furthest + 1) % FRAME_NUMBERS);
      offset = number - arrived.readUInt16BE(1);
    }
    expect((number - offset + FRAME_NUMBERS) % FRAME_NUMBERS).toBe(arrived.readUInt16BE(1));
    expect(dependencies[0]).toBe(arrived[0]);
    expect(dependencies.subarray(3)).toEqual(arrived.subarray(3));
    expect(reader.read(dependencies, 0, dependencies.length, emptyPayloadDescriptor())).toBe(true);
    if (furthest < 0 || (number - furthest + FRAME_NUMBERS) % FRAME_NUMBERS < FRAME_NUMBERS / 2) furthest = number;
  }
}

function expectMarkersAtEnds(sent: readonly RelayedPacket[], endings: ReadonlySet<string>): void {
  const pictures = picturesOf(sent);
  for (const [at, picture] of pictures.entries()) {
    const markers = picture.map(({ marker }) => marker);
    expect(markers.slice(0, -1)).not.toContain(true);
    // A key frame of another encoding may begin before the picture ends.
    const isFollowed = pictures[at + 1]?.[0]?.source.ssrc === picture[0]!.source.ssrc;
    if (isFollowed && endings.has(pictureKey(picture[0]!.source))) expect(markers.at(-1)).toBe(true);
  }
}

const byPayload = [
  'chromium-rtcd-vp8-simulcast-lh',
  'firefox-vp8-simulcast-3',
  'chromium-vp8-simulcast-active',
  'chromium-vp9-l1t2',
  'chromium-vp9-l3t3-key',
  'chromium-av1-l2t2',
  'chromium-h264-pm1',
].map((name) => ({ name, capture: withoutDescriptors(readCapture(name)), isScrambled: false }));

const byDescriptor = [
  'chromium-vp8-l1t3',
  'chromium-vp8-simulcast-active',
  'chromium-vp8-simulcast-lh-h-stops',
  'chromium-vp9-l1t2',
  'chromium-vp9-l3t3-key',
  'chromium-av1-l1t3',
  'chromium-av1-l2t2',
  'chromium-av1-l3t3-key',
].flatMap((name) => {
  const capture = readCapture(name);
  return [
    { name: `${name} with dependency descriptors`, capture, isScrambled: false },
    { name: `${name} encrypted end to end`, capture: withScrambledPayloads(capture), isScrambled: true },
  ];
});

describe.each([...byPayload, ...byDescriptor])('$name', ({ capture, isScrambled }) => {
  /** Pictures that were sent to their end. A sender may drop the rest of one. */
  const endings = new Set(capture.packets.filter(({ packet }) => markerOf(packet)).map(pictureKey));

  it('continues all numbers, and sends decodable video, whatever the receiver wants', () => {
    fc.assert(
      fc.property(wishes, (wanted) => {
        const sent = relay(capture, capture.packets, wanted);
        expect(sent.length).toBeGreaterThan(0);
        expectNumbersUsedOnce(sent);
        expect(sent.at(-1)!.index - sent[0]!.index).toBe(sent.length - 1);
        if (!isScrambled) expectPicturesNumberedInOrder(sent, (step) => expect(step).toBe(1));
        if (isScrambled) expectSameBytes(sent);
        expectDecodable(capture, sent);
        expectMarkersAtEnds(sent, endings);
        if (capture.descriptorId !== 0) expectDependenciesContinue(capture, sent);
      }),
      { numRuns: 20 },
    );
  });

  it('uses no number twice, whatever loss and reordering', () => {
    const events = fc.array(fc.tuple(fc.nat(capture.packets.length - 1), fc.nat(8)), { maxLength: 40 });
    fc.assert(
      fc.property(wishes, events, (wanted, moves) => {
        const packets = [...capture.packets];
        for (const [from, by] of moves) {
          const [packet] = packets.splice(from % packets.length, 1);
          if (packet && by > 0) packets.splice(from + by, 0, packet);
        }
        const sent = relay(capture, packets, wanted);
        expectNumbersUsedOnce(sent);
        if (!isScrambled) expectPicturesNumberedInOrder(sent, (step) => expect(step).toBeLessThan(0x4000));
      }),
      { numRuns: 20 },
    );
  });
});
