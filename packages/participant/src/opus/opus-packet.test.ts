import { expect, it } from 'vitest';
import { OPUS_SILENCE_20_MS, OPUS_SILENCE_120_MS, opusDurationMs } from './opus-packet.ts';

it.each([
  ['SILK, 60 ms', [0x18], 60],
  ['hybrid, 20 ms', [0x68], 20],
  ['CELT, 2.5 ms', [0x80], 2.5],
  ['two frames of 20 ms', [0xf9], 40],
  ['three frames of 20 ms', [0xfb, 3], 60],
  ['frames of different lengths', [0xfb, 0x83, 1, 2, 1, 2, 3, 4], 60],
  ['a frame and padding', [0xfb, 0x41, 2, 1, 0, 0], 20],
  ['a first frame of 254 bytes', [0xfa, 254, 0, ...Array(300).fill(1)], 40],
  ['silence', [...OPUS_SILENCE_20_MS], 20],
  ['more silence', [...OPUS_SILENCE_120_MS], 120],
])('the duration of %s follows from the table of contents', (_, bytes, durationMs) => {
  expect(opusDurationMs(Uint8Array.from(bytes))).toBe(durationMs);
});

it.each([
  ['nothing', []],
  ['no frames', [0xfb, 0]],
  ['two frames of an odd length', [0xf9, 1]],
  ['a first frame that is longer than the packet', [0xfa, 3, 1, 2]],
  ['a first frame without its length', [0xfa]],
  ['half of a length', [0xfa, 252]],
  ['three frames of four bytes', [0xfb, 3, 1, 2, 3, 4]],
  ['frames of lengths that do not add up', [0xfb, 0x83, 9, 9, 1]],
  ['more padding than bytes', [0xfb, 0x41, 200, 1]],
  ['padding without end', [0xfb, 0x41, 255, 255]],
  ['a frame of 1,276 bytes', [0xf8, ...Array(1_276).fill(1)]],
  ['frames without their number', [0xfb]],
  ['more than 120 ms', [0xfb, 7]],
  ['four frames of 60 ms', [0x1b, 4]],
])('%s is no packet', (_, bytes) => {
  expect(opusDurationMs(Uint8Array.from(bytes))).toBeUndefined();
});
