import { describe, expect, it } from 'vitest';
import { ReorderBuffer } from './reorder-buffer.ts';

const setup = (limits = { waitMs: 60, items: 4 }) => {
  const delivered: [item: string, lost: number][] = [];
  const buffer = new ReorderBuffer<string>(limits, (item, lost) => delivered.push([item, lost]));
  return { buffer, delivered };
};

describe('a reorder buffer', () => {
  it('delivers in order what arrives in another one', () => {
    const { buffer, delivered } = setup();
    for (const index of [10, 12, 11, 13]) buffer.insert(index, `item ${index}`, 0);
    expect(delivered.map(([item]) => item)).toEqual(['item 10', 'item 11', 'item 12', 'item 13']);
    expect(buffer.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('waits so long for a missing item, and reports how many are lost', () => {
    const { buffer, delivered } = setup();
    buffer.insert(10, 'first', 0);
    buffer.insert(13, 'last', 100);
    expect(buffer.deadline()).toBe(160);
    buffer.timeout(159);
    expect(delivered).toEqual([['first', 0]]);
    buffer.timeout(160);
    expect(delivered).toEqual([
      ['first', 0],
      ['last', 2],
    ]);
  });

  it('refuses what is late or known', () => {
    const { buffer } = setup();
    buffer.insert(10, 'first', 0);
    expect(buffer.insert(10, 'again', 0)).toBe(false);
    expect(buffer.insert(9, 'late', 0)).toBe(false);
    expect(buffer.insert(12, 'ahead', 0)).toBe(true);
    expect(buffer.insert(12, 'ahead again', 0)).toBe(false);
  });

  it('keeps no more items than its limit', () => {
    const { buffer, delivered } = setup();
    buffer.insert(0, 'first', 0);
    for (let index = 2; index <= 6; index++) buffer.insert(index, `item ${index}`, 0);
    expect(delivered.length).toBe(6);
    expect(delivered[1]).toEqual(['item 2', 1]);
  });
});
