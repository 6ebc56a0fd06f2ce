import { describe, expect, it } from 'vitest';
import { element } from './ebml.ts';
import { vp8PictureSize, WebmWriter } from './webm-writer.ts';

const KEYFRAME = Uint8Array.of(0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x42, 0x68, 0x01, 9);
const CLUSTER = '1f43b675';

describe('the size of a VP8 picture', () => {
  it('is in its key frame, without the bits that scale', () => {
    expect(vp8PictureSize(KEYFRAME)).toEqual({ width: 640, height: 360 });
  });

  it.each([
    ['no bytes', []],
    ['a short key frame', [...KEYFRAME.subarray(0, 9)]],
    ['another start code', [...KEYFRAME].with(3, 0)],
    ['a frame that is no key frame', [...KEYFRAME].with(0, 0x11)],
  ])('is unknown for %s', (_, bytes) => {
    expect(vp8PictureSize(Uint8Array.from(bytes))).toBeUndefined();
  });
});

describe('an element', () => {
  it.each([
    [0, '80'],
    [126, 'fe'],
    [127, '407f'],
    [16_382, '7ffe'],
    [16_383, '203fff'],
  ])('of %i bytes has its size in as many bytes as that takes', (length, size) => {
    expect(
      element(0xec, Buffer.alloc(length))
        .subarray(1, 1 + size.length / 2)
        .toString('hex'),
    ).toBe(size);
  });
});

describe('a WebM file', () => {
  it('has a cluster for each key frame, a second apart, and for each 30 s', () => {
    const writer = new WebmWriter();
    writer.begin('V_VP8', { width: 640, height: 360 });
    const begins = (atMs: number, isKeyframe: boolean) =>
      writer.write(KEYFRAME, atMs, isKeyframe).toString('hex').startsWith(CLUSTER);
    expect(begins(100, true)).toBe(true);
    expect(begins(200, true)).toBe(false);
    expect(begins(1_100, false)).toBe(false);
    expect(begins(1_200, true)).toBe(true);
    expect(begins(31_100, false)).toBe(false);
    expect(begins(31_200, false)).toBe(true);
  });

  it('has frames whose times increase, whatever they are', () => {
    const writer = new WebmWriter();
    writer.begin('V_VP8', { width: 640, height: 360 });
    writer.write(KEYFRAME, 100, true);
    const later = [100, 90, 105].map((atMs) => writer.write(KEYFRAME, atMs, false).readInt16BE(3));
    expect(later).toEqual([1, 2, 5]);
  });

  it('has its duration where it says', () => {
    const writer = new WebmWriter();
    const bytes = writer.begin('V_VP8', { width: 640, height: 360 });
    const at = writer.durationOffset;
    expect(bytes.subarray(at, at + 11).equals(writer.duration(0))).toBe(true);
    expect(writer.duration(2_500).readDoubleBE(3)).toBe(2_500);
  });
});
