import { expect, it } from 'vitest';
import { originalSequenceNumberOf, writeOriginalSequenceNumber } from './retransmission.ts';

it('reads the original sequence number that was written', () => {
  const packet = Buffer.alloc(20);
  expect(writeOriginalSequenceNumber(packet, 12, 0xfedc)).toBe(14);
  expect(originalSequenceNumberOf(packet, 12, 8)).toBe(0xfedc);
  expect(originalSequenceNumberOf(packet, 12, 2)).toBe(0xfedc);
});

it('finds none in a packet of padding, or of a payload that is too short', () => {
  const packet = Buffer.alloc(20, 0xff);
  expect(originalSequenceNumberOf(packet, 12, 0)).toBe(-1);
  expect(originalSequenceNumberOf(packet, 19, 1)).toBe(-1);
});
