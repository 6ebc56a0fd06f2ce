import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SequenceUnwrapper, sequenceDelta, timestampDelta } from './sequence.ts';

const sequence = fc.integer({ min: 0, max: 0xffff });

describe('serial arithmetic', () => {
  it.each([
    [0, 0, 0],
    [1, 0, 1],
    [0, 1, -1],
    [0, 65535, 1],
    [65535, 0, -1],
    [32767, 0, 32767],
    [32768, 0, -32768],
    [32769, 0, -32767],
  ])('from %i to %i is %i', (to, from, delta) => {
    expect(sequenceDelta(to, from)).toBe(delta);
  });

  it('undoes addition modulo 2^16', () => {
    fc.assert(
      fc.property(sequence, fc.integer({ min: -32768, max: 32767 }), (from, delta) => {
        expect(sequenceDelta((from + delta) & 0xffff, from)).toBe(delta);
      }),
    );
  });

  it('does the same for timestamps modulo 2^32', () => {
    expect(timestampDelta(0, 0xffffffff)).toBe(1);
    expect(timestampDelta(0xffffffff, 0)).toBe(-1);
    expect(timestampDelta(0x7fffffff, 0)).toBe(0x7fffffff);
    expect(timestampDelta(0x80000000, 0)).toBe(-0x80000000);
  });
});

describe('SequenceUnwrapper', () => {
  it('follows losses and reordering over wraps', () => {
    const steps = fc.array(fc.integer({ min: -1000, max: 30_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(sequence, steps, (first, deltas) => {
        const unwrapper = new SequenceUnwrapper();
        const start = unwrapper.unwrap(first);
        let highest = start;
        for (const delta of deltas) {
          const index = highest + delta;
          if (index < start) continue;
          expect(unwrapper.unwrap(index & 0xffff)).toBe(index);
          highest = Math.max(highest, index);
        }
      }),
    );
  });

  it('keeps packets from before the first one above zero', () => {
    const unwrapper = new SequenceUnwrapper();
    expect(unwrapper.unwrap(0)).toBe(0x10000);
    expect(unwrapper.unwrap(0xffff)).toBe(0xffff);
  });
});
