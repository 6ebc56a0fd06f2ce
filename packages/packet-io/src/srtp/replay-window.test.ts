import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REPLAY_WINDOW_PACKETS, ReplayWindow } from './replay-window.ts';

describe('index estimation', () => {
  it('keeps the first packet in cycle 0, however near the end of it', () => {
    expect(new ReplayWindow(65_535).estimateIndex(0)).toBe(65_536);
    expect(new ReplayWindow(65_535).estimateIndex(65_530)).toBe(65_530);
  });

  it('finds the next cycle across a gap of 30,000 at any place', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 }), fc.integer({ min: 1, max: 30_000 }), (highest, gap) => {
        expect(new ReplayWindow(highest).estimateIndex((highest + gap) % 65_536)).toBe(highest + gap);
      }),
    );
  });

  it('finds the cycle before for a late packet', () => {
    expect(new ReplayWindow(65_536 + 3).estimateIndex(65_535)).toBe(65_535);
  });

  it('gives a late packet from before the first cycle an index that no window admits', () => {
    const window = new ReplayWindow(3);
    expect(window.estimateIndex(65_535)).toBe(-1);
    expect(window.admits(-1)).toBe(false);
  });
});

describe('the replay window', () => {
  it('admits everything once, late by up to its size', () => {
    const window = new ReplayWindow(5000);
    expect(window.admits(5000)).toBe(false);
    const oldest = 5000 - REPLAY_WINDOW_PACKETS + 1;
    expect(window.admits(oldest)).toBe(true);
    window.accept(oldest);
    expect(window.admits(oldest)).toBe(false);
    expect(window.admits(oldest - 1)).toBe(false);
  });

  it('does not admit the oldest packets of the window again, wherever in a word the newest one lies', () => {
    for (let seen = 0; seen < 32; seen++) {
      const window = new ReplayWindow(seen);
      for (let distance = 1; distance < REPLAY_WINDOW_PACKETS; distance++) {
        window.accept(seen + distance);
        expect(window.admits(seen)).toBe(false);
      }
    }
  });

  it('behaves like a set of all indices, in any order of arrival', () => {
    const step = fc.integer({ min: -1100, max: 1100 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 34 }), fc.array(step, { maxLength: 300 }), (first, steps) => {
        const window = new ReplayWindow(first);
        const seen = new Set([first]);
        let highest = first;
        for (const distance of steps) {
          const index = highest + distance;
          const isNew = index >= 0 && index > highest - REPLAY_WINDOW_PACKETS && !seen.has(index);
          expect(window.admits(index)).toBe(isNew);
          if (!isNew) continue;
          window.accept(index);
          seen.add(index);
          highest = Math.max(highest, index);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
