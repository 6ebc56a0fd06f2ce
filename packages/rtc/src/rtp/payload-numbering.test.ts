import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PayloadNumbering } from './payload-numbering.ts';

describe('PayloadNumbering', () => {
  it('closes the gap of skipped packets, and no other', () => {
    const numbering = new PayloadNumbering();
    expect(numbering.number(10)).toBe(10);
    numbering.skip(11);
    numbering.skip(12);
    expect(numbering.number(13)).toBe(11);
    expect(numbering.number(15)).toBe(13);
  });

  it('keeps the place of packets from before a skipped one', () => {
    const numbering = new PayloadNumbering();
    numbering.number(10);
    numbering.skip(12);
    expect(numbering.number(13)).toBe(12);
    expect(numbering.number(11)).toBe(11);
  });

  it('leaves the gap of a skipped packet that is late', () => {
    const numbering = new PayloadNumbering();
    numbering.number(10);
    numbering.number(12);
    numbering.skip(11);
    expect(numbering.number(13)).toBe(13);
  });

  it('drops packets from before more skipped ones than it remembers', () => {
    const numbering = new PayloadNumbering();
    numbering.number(10);
    for (let index = 12; index < 1_037; index++) numbering.skip(index);
    expect(numbering.number(11)).toBe(-1);
    expect(numbering.number(1_037)).toBe(12);
  });

  it('keeps the order of packets, and assigns no number twice, however they arrive', () => {
    const arrival = fc.record({ delay: fc.nat(40), isSkipped: fc.boolean() });
    fc.assert(
      fc.property(fc.array(arrival, { minLength: 1, maxLength: 3_000 }), (arrivals) => {
        const numbering = new PayloadNumbering();
        const numbers: [index: number, number: number][] = [];
        const inOrder = arrivals.map(({ delay, isSkipped }, index) => ({ index, isSkipped, at: index + delay }));
        for (const { index, isSkipped } of inOrder.toSorted((a, b) => a.at - b.at)) {
          if (isSkipped) numbering.skip(index);
          else numbers.push([index, numbering.number(index)]);
        }
        const placed = numbers.filter(([, number]) => number >= 0).toSorted(([a], [b]) => a - b);
        for (const [at, [, number]] of placed.entries()) {
          if (at > 0) expect(number).toBeGreaterThan(placed[at - 1]![1]);
        }
      }),
    );
  });
});
