import { describe, expect, it } from 'vitest';
import { NackGenerator } from './nack-generator.ts';

/** Takes what is due at each deadline up to `untilMs`. */
function requests(nacks: NackGenerator, untilMs: number, roundTripMs?: number): { atMs: number; due: number[] }[] {
  const taken = [];
  for (let atMs = nacks.deadline(); atMs <= untilMs; atMs = nacks.deadline()) {
    const due = nacks.takeDue(atMs, roundTripMs);
    if (due.length > 0) taken.push({ atMs, due });
  }
  return taken;
}

function withArrivals(...indices: number[]): NackGenerator {
  const nacks = new NackGenerator();
  for (const index of indices) expect(nacks.received(index, 0)).toBe(true);
  return nacks;
}

describe('NackGenerator', () => {
  it('requests nothing while nothing is missing', () => {
    const nacks = withArrivals(7, 8, 9, 9, 8);
    expect(nacks.deadline()).toBe(Number.POSITIVE_INFINITY);
    expect(nacks.takeDue(1000)).toEqual([]);
  });

  it('does not request packets from before the first one', () => {
    expect(withArrivals(100, 98).missing).toBe(0);
  });

  it('gives a reordered packet time to arrive', () => {
    const nacks = withArrivals(1, 2, 5);
    nacks.received(4, 3);
    expect(nacks.takeDue(9)).toEqual([]);
    expect(nacks.takeDue(10)).toEqual([3]);
  });

  it('requests all packets of a gap at once, across the wrap', () => {
    expect(withArrivals(0x2_fffd, 0x3_0002).takeDue(10)).toEqual([0xfffe, 0xffff, 0, 1]);
  });

  it('repeats a request once per round trip, ten times', () => {
    const taken = requests(withArrivals(1, 3), 10_000, 200);
    expect(taken.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 10 }, (_, i) => 10 + 200 * i));
    expect(taken.every(({ due }) => due.join() === '2')).toBe(true);
  });

  it.each([
    ['at most every 20 ms', 1, 20],
    ['every 100 ms while the round trip is unknown', undefined, 100],
  ])('repeats a request %s', (_, roundTripMs, intervalMs) => {
    const [first, second] = requests(withArrivals(1, 3), 1_000, roundTripMs);
    expect(second!.atMs - first!.atMs).toBe(intervalMs);
  });

  it('gives up on a packet that is too old, however long the round trip is claimed to be', () => {
    const nacks = withArrivals(1, 3);
    const taken = requests(nacks, 100_000, 1e9);
    expect(taken.at(-1)!.atMs).toBeLessThanOrEqual(3_000);
    expect(nacks.missing).toBe(0);
    expect(nacks.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('stops requesting a packet once it has arrived', () => {
    const nacks = withArrivals(1, 4);
    expect(nacks.takeDue(10)).toEqual([2, 3]);
    nacks.received(2, 50);
    expect(nacks.takeDue(110)).toEqual([3]);
    nacks.received(3, 150);
    expect(nacks.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('gives up on everything when more is missing than can be repaired, and continues from there', () => {
    const nacks = withArrivals(1, 3);
    expect(nacks.received(504, 5)).toBe(false);
    expect(nacks.missing).toBe(0);
    expect(nacks.received(506, 6)).toBe(true);
    expect(nacks.takeDue(16)).toEqual([505]);
  });

  it('remembers a bounded number of packets', () => {
    const nacks = new NackGenerator();
    let largest = 0;
    for (let index = 0; index < 20_000; index += 2) {
      nacks.received(index, 0);
      largest = Math.max(largest, nacks.missing);
    }
    expect(largest).toBe(500);
  });
});
