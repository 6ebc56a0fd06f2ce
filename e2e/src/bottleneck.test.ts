import { expect, it } from 'vitest';
import { Bottleneck } from './bottleneck.ts';

/** With the headers 1,000 bytes, 10 ms at 800 kbit/s. */
const SIZE_BYTES = 972;
const options = { rateBps: 800_000, maxQueueMs: 25, delayMs: 5 };

it('sends one datagram after the other at its rate', () => {
  const bottleneck = new Bottleneck(options);
  expect([0, 1, 2, 100].map((nowMs) => bottleneck.arrivalMs(SIZE_BYTES, nowMs))).toEqual([15, 25, 35, 115]);
});

it('drops datagrams while the queue is full, until it has emptied', () => {
  const bottleneck = new Bottleneck(options);
  const arrivals = [0, 0, 0, 0, 4, 5].map((nowMs) => bottleneck.arrivalMs(SIZE_BYTES, nowMs));
  expect(arrivals).toEqual([15, 25, 35, undefined, undefined, 45]);
  expect(bottleneck.dropped).toBe(2);
});

it('applies another rate to later datagrams', () => {
  const bottleneck = new Bottleneck(options);
  bottleneck.arrivalMs(SIZE_BYTES, 0);
  bottleneck.setRate(8_000_000);
  expect(bottleneck.arrivalMs(SIZE_BYTES, 0)).toBe(16);
});
