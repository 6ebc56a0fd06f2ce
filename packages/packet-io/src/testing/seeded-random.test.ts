import { expect, it } from 'vitest';
import { seededRandom } from './seeded-random.ts';

it('gives the same numbers for the same seed, spread evenly', () => {
  const [one, same, other] = [seededRandom(1), seededRandom(1), seededRandom(2)];
  const numbers = Array.from({ length: 10_000 }, () => one());
  expect(Array.from({ length: 10_000 }, () => same())).toEqual(numbers);
  expect(other()).not.toBe(numbers[0]);
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = numbers.filter((number) => Math.floor(number * 10) === tenth).length / numbers.length;
    expect(share).toBeCloseTo(0.1, 1);
  }
});
