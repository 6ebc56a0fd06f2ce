import { createHistogram } from 'node:perf_hooks';
import { expect, it } from 'vitest';
import { delayOf } from './event-loop-delay.ts';

const MS = 1_000_000;

it('is how much later than after 10 ms the timer runs', () => {
  const histogram = createHistogram();
  for (const ms of [10, 12, 12, 12, 30]) histogram.record(ms * MS);
  const delay = delayOf(histogram);
  expect(delay.samples).toBe(5);
  expect(delay.minMs).toBeCloseTo(0, 1);
  expect(delay.p50Ms).toBeCloseTo(2, 1);
  expect(delay.meanMs).toBeCloseTo(5.2, 1);
  expect(delay.maxMs).toBeCloseTo(20, 1);
});

it('is not negative where the timer runs early', () => {
  const histogram = createHistogram();
  histogram.record(9 * MS);
  expect(delayOf(histogram)).toMatchObject({ minMs: 0, meanMs: 0, p50Ms: 0, p99Ms: 0, maxMs: 0, samples: 1 });
});

it('is 0 without samples', () => {
  expect(delayOf(createHistogram())).toEqual({ minMs: 0, meanMs: 0, p50Ms: 0, p99Ms: 0, maxMs: 0, samples: 0 });
});
