import { describe, expect, it } from 'vitest';
import { PacketHistory } from './packet-history.ts';

const payload = (number: number, length: number) => Buffer.alloc(length, number & 0xff);
const add = (history: PacketHistory, number: number, length = 100) =>
  history.add(number, Buffer.concat([Buffer.from('head'), payload(number, length)]), 4, length);

function kept(history: PacketHistory, number: number): Buffer | undefined {
  const offset = history.offsetOf(number);
  return offset < 0 ? undefined : history.bytes.subarray(offset, offset + history.lengthOf(number));
}

describe('PacketHistory', () => {
  it('keeps as many packets as configured', () => {
    const history = new PacketHistory(32);
    for (let number = 0; number < 1000; number++) expect(add(history, number)).toBe(true);
    for (let number = 968; number < 1000; number++) expect(kept(history, number)).toEqual(payload(number, 100));
    expect(kept(history, 967)).toBeUndefined();
    expect(kept(history, 1000)).toBeUndefined();
  });

  it('keeps a late packet in its place', () => {
    const history = new PacketHistory(32);
    for (const number of [10, 12, 41, 11]) expect(add(history, number)).toBe(true);
    expect(kept(history, 11)).toEqual(payload(11, 100));
    expect(kept(history, 13)).toBeUndefined();
  });

  it('accepts no packet twice, and none that is too late to check', () => {
    const history = new PacketHistory(32);
    for (const number of [0, 1, 33]) expect(add(history, number)).toBe(true);
    expect(add(history, 33)).toBe(false);
    expect(history.isTooLate(33)).toBe(false);
    expect(add(history, 1)).toBe(false);
    expect(history.isTooLate(1)).toBe(true);
    expect(add(history, 2)).toBe(true);
    expect(add(history, 2)).toBe(false);
  });

  it('accepts no packet twice whose bytes it had to drop', () => {
    const history = new PacketHistory(32);
    for (let number = 0; number < 30; number++) add(history, number, 2000);
    expect(kept(history, 0)).toBeUndefined();
    expect(add(history, 0)).toBe(false);
  });

  it.each([32, 8192])('holds a bounded number of bytes, of the last ones of up to %i packets', (packets) => {
    const history = new PacketHistory(packets);
    for (let number = 0; number < 2 * packets; number++) {
      const length = 1 + ((number * 7919) % 2048);
      add(history, number, length);
      expect(kept(history, number)).toEqual(payload(number, length));
    }
    expect(history.bytes.length).toBeLessThanOrEqual(4 * 1024 * 1024);
    for (let number = packets; number < 2 * packets; number++) {
      expect([undefined, number & 0xff]).toContain(kept(history, number)?.[0]);
    }
  });

  it('allocates no memory for payloads before the first one', () => {
    expect(new PacketHistory(8192).bytes).toHaveLength(0);
  });
});
