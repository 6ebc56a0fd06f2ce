import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rtpHeaderLength, writeRtpHeader } from '../rtp/header.ts';
import { findHeaderExtension, HeaderExtensionWriter, headerExtensionLength } from '../rtp/header-extensions.ts';
import { DependencyReader, keepDependencyDescriptor, writeDependencyDescriptor } from './dependency-descriptor.ts';
import {
  emptyPayloadDescriptor,
  MAX_DEPENDENCY_DESCRIPTOR_BYTES,
  type PayloadDescriptor,
} from './payload-descriptor.ts';
import { payloadReader } from './payload-format.ts';

const MIME_TYPES = ['video/VP8', 'video/VP9', 'video/AV1', 'video/H264', 'audio/opus', 'audio/red'];

function read(mimeType: string, hex: string): PayloadDescriptor | undefined {
  const payload = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const descriptor = emptyPayloadDescriptor();
  return payloadReader(mimeType)(payload, 0, payload.length, descriptor) ? descriptor : undefined;
}

const startsKeyframe = (mimeType: string, hex: string) => read(mimeType, hex)?.startsKeyframe;

describe.each(MIME_TYPES)('%s', (mimeType) => {
  const readPayload = payloadReader(mimeType);

  it('is read within its bounds, whatever the bytes, and the same each time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 48 }), fc.uint8Array({ minLength: 1, maxLength: 8 }), (bytes, beyond) => {
        const [one, other] = [emptyPayloadDescriptor(), emptyPayloadDescriptor()];
        other.temporalId = 3;
        other.isSwitchingUpPoint = true;
        const inside = Buffer.concat([beyond, bytes, beyond]);
        const isRead = readPayload(inside, beyond.length, beyond.length + bytes.length, one);
        expect(readPayload(Buffer.from(bytes), 0, bytes.length, other)).toBe(isRead);
        if (!isRead) return;
        expect(other).toEqual(one);
        expect(one.length).toBeLessThan(bytes.length);
        expect(one.temporalId).toBeLessThan(8);
        expect(one.spatialId).toBeLessThan(8);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is malformed when empty', () => {
    expect(read(mimeType, '')).toBeUndefined();
  });
});

describe('VP8', () => {
  it.each([
    ['a key frame', '10 00', { startsKeyframe: true, length: 1 }],
    ['a frame that is predicted', '10 01', { startsKeyframe: false }],
    ['the rest of a frame', '00 00', { startsKeyframe: false }],
    ['another partition', '11 00', { startsKeyframe: false }],
    ['a short picture id', '90 80 7f 01', { length: 3, pictureId: 127, pictureIdBits: 7, temporalLevel0Index: -1 }],
    ['a long picture id', '90 80 ffff 01', { length: 4, pictureId: 32767, pictureIdBits: 15 }],
    ['layers', '90 e0 8001 05 60 01', { length: 6, temporalLevel0Index: 5, temporalId: 1, isLayerSync: true }],
    ['KEYIDX alone', '90 10 ff 01', { length: 3, temporalId: 0, isLayerSync: false }],
  ])('tells %s', (_, hex, expected) => {
    expect(read('video/VP8', hex)).toMatchObject(expected);
  });
});

describe('VP9', () => {
  it.each([
    ['a key frame', '8c 8001 00', { startsKeyframe: true, endsFrame: true }],
    ['a key frame of an upper layer', '2c 02 00 00', { startsKeyframe: false, spatialId: 1 }],
    ['layers without flexible mode', '68 54 09 00', { temporalId: 2, spatialId: 2, isSwitchingUpPoint: true }],
    ['references in flexible mode', '70 00 03 05 00 00', { startsKeyframe: false }],
    ['a scalability structure', '0a 38 0140 00b4 0280 0168 01 24 01 00', { startsKeyframe: true }],
  ])('tells %s', (_, hex, expected) => {
    expect(read('video/VP9', hex)).toMatchObject(expected);
  });

  it.each(['80 80', '8c 8001', '68 54 09', '50 03 03 02', '0a 18 0140 00b4 0280 01', '0a 08 ff 00'])(
    'refuses %s',
    (hex) => {
      expect(read('video/VP9', hex)).toBeUndefined();
    },
  );
});

describe('AV1', () => {
  it('begins a key frame where a coded video sequence begins', () => {
    expect(startsKeyframe('video/AV1', '18 0a')).toBe(true);
    expect(startsKeyframe('video/AV1', '10 0a')).toBe(false);
    expect(startsKeyframe('video/AV1', '90 0a')).toBe(false);
  });

  it('refuses a sequence that begins inside an OBU', () => {
    expect(startsKeyframe('video/AV1', '98 0a')).toBeUndefined();
  });
});

describe('H.264', () => {
  it.each([
    ['an SPS', '67 42', true],
    ['a PPS', '68 42', false],
    ['the first slice of an IDR picture', '65 88', true],
    ['another slice of an IDR picture', '65 40', false],
    ['a slice', '61 88', false],
    ['an SPS in a STAP-A', '78 0002 68ee 0002 6742', true],
    ['no SPS in a STAP-A', '78 0002 68ee 0002 6188', false],
    ['an SPS beyond the end of a STAP-A', '78 0000 0002', false],
    ['the start of an IDR picture in an FU-A', '7c 85 88', true],
    ['the start of a later slice in an FU-A', '7c 85 40', false],
    ['the rest of an IDR picture in an FU-A', '7c 05 88', false],
  ])('tells %s', (_, hex, expected) => {
    expect(startsKeyframe('video/H264', hex)).toBe(expected);
  });
});

describe('a dependency descriptor', () => {
  it('is read within its bounds, whatever the bytes', () => {
    // S, E, template 0, frame 1; with a structure of any content, and whatever follows.
    const withStructure = fc
      .uint8Array({ maxLength: 120 })
      .map((bytes) => Uint8Array.from([0xc0, 0, 1, 0x80, ...bytes]));
    fc.assert(
      fc.property(fc.array(fc.oneof(withStructure, fc.uint8Array({ maxLength: 40 })), { maxLength: 5 }), (elements) => {
        const reader = new DependencyReader();
        for (const bytes of elements) {
          const descriptor = emptyPayloadDescriptor();
          const inside = Buffer.concat([Buffer.of(0xff), bytes, Buffer.alloc(4, 0xff)]);
          if (!reader.read(inside, 1, 1 + bytes.length, descriptor)) continue;
          expect(descriptor.spatialId).toBeLessThan(4);
          expect(descriptor.temporalId).toBeLessThan(8);
          expect(bytes.length).toBeGreaterThanOrEqual(3);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('is passed on with another frame number, up to a length that has room in a header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 255 }), fc.nat(0xffff), (bytes, frameNumber) => {
        const descriptor = emptyPayloadDescriptor();
        keepDependencyDescriptor(Buffer.concat([Buffer.of(0xff), bytes]), 1, 1 + bytes.length, descriptor);
        const isKept = bytes.length >= 3 && bytes.length <= MAX_DEPENDENCY_DESCRIPTOR_BYTES;
        expect(descriptor.dependencyDescriptorLength).toBe(isKept ? bytes.length : 0);
        if (!isKept) return;
        expect(descriptor.frameNumber).toBe(Buffer.from(bytes).readUInt16BE(1));
        const header = Buffer.alloc(192);
        writeRtpHeader(header, 0, { marker: false, payloadType: 96, sequenceNumber: 0, timestamp: 0, ssrc: 0 });
        const extensions = new HeaderExtensionWriter();
        extensions.begin(header, 0);
        extensions.writeUInt16(3, 0xabcd);
        writeDependencyDescriptor(extensions, 13, descriptor, frameNumber);
        expect(extensions.end()).toBe(rtpHeaderLength(header));
        const at = findHeaderExtension(header, 13);
        const sent = header.subarray(at, at + headerExtensionLength(header, at));
        expect(sent).toEqual(Buffer.from([bytes[0]!, frameNumber >> 8, frameNumber & 0xff, ...bytes.subarray(3)]));
        expect(header.readUInt16BE(findHeaderExtension(header, 3))).toBe(0xabcd);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is unusable before its structure has arrived', () => {
    const element = Buffer.from('c00001', 'hex');
    expect(new DependencyReader().read(element, 0, 3, emptyPayloadDescriptor())).toBe(false);
  });
});
