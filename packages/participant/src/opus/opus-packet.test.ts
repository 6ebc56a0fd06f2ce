import { expect, it } from 'vitest';
import { OPUS_SILENCE_20_MS, OPUS_SILENCE_120_MS, opusDurationMs } from './opus-packet.ts';

it.each([
  ['SILK, 60 ms', [0x18], 60],
  ['hybrid, 20 ms', [0x68], 20],
  ['CELT, 2.5 ms', [0x80], 2.5],
  ['two frames of 20 ms', [0xf9], 40],
  ['three frames of 20 ms', [0xfb, 3], 60],
  ['silence', [...OPUS_SILENCE_20_MS], 20],
  ['more silence', [...OPUS_SILENCE_120_MS], 120],
])('the duration of %s follows from the table of contents', (_, bytes, durationMs) => {
  expect(opusDurationMs(Uint8Array.from(bytes))).toBe(durationMs);
});

it.each([
  ['nothing', []],
  ['no frames', [0xfb, 0]],
  ['frames without their number', [0xfb]],
  ['more than 120 ms', [0xfb, 7]],
  ['four frames of 60 ms', [0x1b, 4]],
])('%s is no packet', (_, bytes) => {
  expect(opusDurationMs(Uint8Array.from(bytes))).toBeUndefined();
});
