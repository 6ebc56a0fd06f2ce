import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_DUPLICATES, MAX_RANGES, ReceivedTsns } from './received-tsns.ts';
import { tsnAdd } from './tsn.ts';

// A little before the wrap, so that every test crosses it.
const FIRST = 0xfffffffb;

function received(...offsets: number[]): ReceivedTsns {
  const tsns = new ReceivedTsns(FIRST);
  for (const offset of offsets) tsns.add(tsnAdd(FIRST, offset));
  return tsns;
}

describe('received TSNs', () => {
  it('advance with TSNs in order', () => {
    expect(received(0, 1, 2).cumulative).toBe(tsnAdd(FIRST, 2));
    expect(received(0, 1, 2).hasGaps).toBe(false);
  });

  it('report TSNs beyond gaps, and close gaps', () => {
    const tsns = received(0, 2, 3, 7, 5);
    expect(tsns.gapBlocks()).toEqual([
      { start: 2, end: 3 },
      { start: 5, end: 5 },
      { start: 7, end: 7 },
    ]);
    tsns.add(tsnAdd(FIRST, 6));
    expect(tsns.gapBlocks()).toEqual([
      { start: 2, end: 3 },
      { start: 5, end: 7 },
    ]);
    tsns.add(tsnAdd(FIRST, 1));
    expect(tsns.cumulative).toBe(tsnAdd(FIRST, 3));
    tsns.add(tsnAdd(FIRST, 4));
    expect(tsns.cumulative).toBe(tsnAdd(FIRST, 7));
    expect(tsns.gapBlocks()).toEqual([]);
  });

  it('recognize duplicates, and report a bounded number', () => {
    const tsns = received(0, 1, 4);
    expect([0, 1, 4, -100].every((offset) => tsns.isDuplicate(tsnAdd(FIRST, offset)))).toBe(true);
    expect([2, 3, 5].some((offset) => tsns.isDuplicate(tsnAdd(FIRST, offset)))).toBe(false);
    expect(tsns.takeDuplicates()).toEqual([0, 1, 4, -100].map((offset) => tsnAdd(FIRST, offset)));
    expect(tsns.takeDuplicates()).toEqual([]);
    for (let count = 0; count < 1000; count += 1) tsns.isDuplicate(FIRST);
    expect(tsns.takeDuplicates()).toHaveLength(MAX_DUPLICATES);
  });

  it('skip TSNs that the sender abandoned', () => {
    const tsns = received(0, 3, 4, 7);
    expect(tsns.skipTo(tsnAdd(FIRST, 2))).toBe(true);
    expect(tsns.cumulative).toBe(tsnAdd(FIRST, 4));
    expect(tsns.skipTo(tsnAdd(FIRST, 4))).toBe(false);
    expect(tsns.skipTo(tsnAdd(FIRST, 9))).toBe(true);
    expect(tsns.cumulative).toBe(tsnAdd(FIRST, 9));
    expect(tsns.hasGaps).toBe(false);
  });

  it('accept a bounded number of ranges, but always a TSN that closes a gap', () => {
    const tsns = new ReceivedTsns(FIRST);
    for (let range = 0; range < 1000; range += 1) tsns.add(tsnAdd(FIRST, 1 + 2 * range));
    expect(tsns.gapBlocks()).toHaveLength(MAX_RANGES);
    expect(tsns.add(tsnAdd(FIRST, 2 * MAX_RANGES + 10))).toBe(false);
    expect(tsns.add(tsnAdd(FIRST, 2))).toBe(true);
    expect(tsns.add(FIRST)).toBe(true);
  });

  it('accept nothing that a gap block cannot name', () => {
    const tsns = new ReceivedTsns(FIRST);
    expect(tsns.add(tsnAdd(FIRST, 65_535))).toBe(false);
    expect(tsns.add(tsnAdd(FIRST, 65_534))).toBe(true);
    expect(tsns.add(tsnAdd(FIRST, 2 ** 31 - 2))).toBe(false);
    expect(tsns.add(tsnAdd(FIRST, 2 ** 31))).toBe(false);
    expect(tsns.gapBlocks()).toEqual([{ start: 65_535, end: 65_535 }]);
  });

  it('agree with a plain set, whatever the order', () => {
    const offsets = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 80 });
    fc.assert(
      fc.property(offsets, (order) => {
        const tsns = new ReceivedTsns(FIRST);
        const set = new Set<number>();
        for (const offset of order) {
          expect(tsns.isDuplicate(tsnAdd(FIRST, offset))).toBe(set.has(offset));
          if (!set.has(offset)) expect(tsns.add(tsnAdd(FIRST, offset))).toBe(true);
          set.add(offset);
        }
        let contiguous = 0;
        while (set.has(contiguous)) contiguous += 1;
        expect(tsns.cumulative).toBe(tsnAdd(FIRST, contiguous - 1));
        const beyond = tsns.gapBlocks().flatMap(({ start, end }) => {
          return Array.from({ length: end - start + 1 }, (_, index) => contiguous - 1 + start + index);
        });
        expect(beyond).toEqual([...set].filter((offset) => offset > contiguous).sort((a, b) => a - b));
      }),
      { numRuns: 200 },
    );
  });
});
