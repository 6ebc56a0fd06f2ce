import { describe, expect, it } from 'vitest';
import { OfferPacer } from './offer-pacer.ts';

/** When the offers of a round are made, in which each of `members` is told of all others. */
function round(members: number, nowMs = 0): number[] {
  const pacer = new OfferPacer();
  return Array.from({ length: members }, () => pacer.reserve(members - 1, nowMs));
}

describe('OfferPacer', () => {
  it('makes nobody wait in a small call', () => {
    expect(new Set(round(20, 1_000))).toEqual(new Set([1_000]));
  });

  it.each([
    [100, 200],
    [500, 5_000],
  ])('tells all of %i within %i ms, one after the other', (members, limitMs) => {
    const times = round(members);
    expect(times[0]).toBe(0);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeLessThan(limitMs);
  });

  it('spreads evenly', () => {
    const waiting = round(500).filter((atMs) => atMs > 0);
    const perSecond = waiting.filter((atMs) => atMs >= 1_000 && atMs < 2_000).length;
    expect(perSecond).toBeGreaterThan(100);
    expect(perSecond).toBeLessThan(140);
  });

  it('has nothing left of what is over', () => {
    const pacer = new OfferPacer();
    for (let member = 0; member < 500; member++) pacer.reserve(499, 0);
    expect(pacer.reserve(499, 10_000)).toBe(10_000);
  });
});
