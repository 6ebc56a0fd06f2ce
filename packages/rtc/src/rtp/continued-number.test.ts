import { beforeEach, describe, expect, it } from 'vitest';
import { ContinuedNumber } from './continued-number.ts';

let numbers: ContinuedNumber;
beforeEach(() => {
  numbers = new ContinuedNumber(0x100);
});

const next = (...given: number[]): number[] => given.map((number) => numbers.next(number));

describe('ContinuedNumber', () => {
  it('leaves the numbers of the first source as they are, gaps and wraps included', () => {
    expect(next(250, 253, 255, 2)).toEqual([250, 253, 255, 2]);
  });

  it('follows the furthest number after a switch, and keeps distances from then on', () => {
    next(10, 14, 12);
    numbers.switchSource();
    expect(next(200, 202, 201, 255, 0)).toEqual([15, 17, 16, 70, 71]);
  });

  it('places a number that comes late around the wrap before those that were sent', () => {
    next(254, 1, 255);
    numbers.switchSource();
    expect(next(7)).toEqual([2]);
  });
});
