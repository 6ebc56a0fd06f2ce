import { expect, it } from 'vitest';
import { HeldBack } from './held-back.ts';

const message = (size: number, id = 0) => ({ type: 'rtc', bytes: new Uint8Array(size).fill(id) });

it('hands over what it holds, in order, once', () => {
  const held = new HeldBack();
  held.add(message(1, 1));
  held.add(message(1, 2));
  expect(held.take().map(({ bytes }) => bytes[0])).toEqual([1, 2]);
  expect(held.take()).toEqual([]);
});

it('lets the oldest go beyond 64 messages', () => {
  const held = new HeldBack();
  for (let id = 0; id < 100; id++) {
    held.add(message(1, id));
  }
  const kept = held.take();
  expect(kept).toHaveLength(64);
  expect(kept[0]?.bytes[0]).toBe(36);
});

it('lets the oldest go beyond 128 KiB, and does not hold what alone is more', () => {
  const held = new HeldBack();
  held.add(message(100 * 1024, 1));
  held.add(message(100 * 1024, 2));
  expect(held.take().map(({ bytes }) => bytes[0])).toEqual([2]);
  held.add(message(200 * 1024));
  expect(held.take()).toEqual([]);
});
