import { createFakeClock } from '@rtcd/ws/testing';
import { expect, it } from 'vitest';
import { shareForAWhile } from './shared-scrape.ts';

it('does the work once a second in the long run, and shares the result in between', async () => {
  const clock = createFakeClock();
  let times = 0;
  const scrape = shareForAWhile(async () => ++times, clock);
  expect(await Promise.all(Array.from({ length: 50 }, scrape))).toEqual(Array(50).fill(1));
  for (let i = 0; i < 100; i++) await scrape();
  expect(times).toBe(11);
  clock.advance(999);
  expect(await scrape()).toBe(11);
  clock.advance(1);
  expect(await scrape()).toBe(12);
  expect(await scrape()).toBe(12);
});

it('does not begin again while the work takes longer', async () => {
  const clock = createFakeClock();
  const result = Promise.withResolvers<string>();
  let times = 0;
  const scrape = shareForAWhile(() => {
    times += 1;
    return result.promise;
  }, clock);
  const first = scrape();
  clock.advance(5_000);
  const second = scrape();
  result.resolve('text');
  expect(await Promise.all([first, second])).toEqual(['text', 'text']);
  expect(times).toBe(1);
});
