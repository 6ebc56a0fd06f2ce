import { expect, it } from 'vitest';
import { seededBytes, seededNumbers } from './seeded-random.ts';

it('gives the same numbers for the same seed, spread evenly', () => {
  const [one, same, other] = [seededNumbers(1), seededNumbers(1), seededNumbers(2)];
  const numbers = Array.from({ length: 10_000 }, () => one());
  expect(Array.from({ length: 10_000 }, () => same())).toEqual(numbers);
  expect(other()).not.toBe(numbers[0]);
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = numbers.filter((number) => Math.floor(number * 10) === tenth).length / numbers.length;
    expect(share).toBeCloseTo(0.1, 1);
  }
});

it('gives the same bytes for the same seed', () => {
  expect(seededBytes(7)(32)).toEqual(seededBytes(7)(32));
  expect(seededBytes(7)(32)).not.toEqual(seededBytes(8)(32));
  expect(seededBytes(7)(32)).toHaveLength(32);
});
