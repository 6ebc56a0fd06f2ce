import { describe, expect, it } from 'vitest';
import { Fifo } from './fifo.ts';

describe('Fifo', () => {
  it('returns its items in order, and by index', () => {
    const fifo = new Fifo<number>();
    let next = 0;
    for (let round = 0; round < 200; round += 1) {
      for (let count = 0; count < 3; count += 1) fifo.push(round * 3 + count);
      expect(fifo.at(0)).toBe(next);
      expect(fifo.at(fifo.length - 1)).toBe(round * 3 + 2);
      expect(fifo.shift()).toBe(next++);
      expect(fifo.shift()).toBe(next++);
    }
    expect(fifo.length).toBe(200);
    while (fifo.length > 0) expect(fifo.shift()).toBe(next++);
    expect(fifo.shift()).toBeUndefined();
    expect(fifo.at(0)).toBeUndefined();
  });
});
