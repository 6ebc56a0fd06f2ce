import { expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

const RATE = { capacity: 100, perSecond: 10 };

it('gives what it holds at once, and then what is refilled', () => {
  const bucket = new TokenBucket(RATE, 1000);
  expect(bucket.take(60, 1000)).toBe(true);
  expect(bucket.take(60, 1000)).toBe(false);
  expect(bucket.take(40, 1000)).toBe(true);
  expect(bucket.take(10, 1999)).toBe(false);
  expect(bucket.take(10, 2000)).toBe(true);
});

it('holds no more than its capacity', () => {
  const bucket = new TokenBucket(RATE, 0);
  expect(bucket.isFull(1_000_000)).toBe(true);
  expect(bucket.take(101, 1_000_000)).toBe(false);
  bucket.charge(1);
  expect(bucket.isFull(1_000_000)).toBe(false);
  expect(bucket.isFull(1_000_100)).toBe(true);
});

it('runs into debt, which takes time to pay', () => {
  const bucket = new TokenBucket(RATE, 0);
  bucket.charge(100);
  expect(bucket.debtMs(0)).toBe(0);
  bucket.charge(20);
  expect(bucket.debtMs(0)).toBe(2000);
  expect(bucket.debtMs(1500)).toBe(500);
  expect(bucket.debtMs(2000)).toBe(0);
});
