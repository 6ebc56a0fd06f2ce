import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REPLAY_WINDOW_SIZE, ReplayWindow } from './replay-window.ts';

describe('ReplayWindow', () => {
  it('accepts each record once, in any order within 64', () => {
    const window = new ReplayWindow();
    for (const sequence of [70, 7, 69, 8, 40, 39, 38]) {
      expect(window.isFresh(sequence)).toBe(true);
      window.mark(sequence);
      expect(window.isFresh(sequence)).toBe(false);
    }
    expect(window.isFresh(6)).toBe(false);
  });

  it('forgets what a leap leaves behind', () => {
    const window = new ReplayWindow();
    window.mark(3);
    window.mark(2 ** 47);
    expect(window.isFresh(2 ** 47 - REPLAY_WINDOW_SIZE + 1)).toBe(true);
    expect(window.isFresh(2 ** 47 - REPLAY_WINDOW_SIZE)).toBe(false);
  });

  it('agrees with a window that remembers everything', () => {
    const steps = fc.array(fc.integer({ min: -80, max: 70 }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (offsets) => {
        const window = new ReplayWindow();
        const seen = new Set<number>();
        let latest = 100;
        for (const offset of offsets) {
          const sequence = Math.max(0, latest + offset);
          const highest = Math.max(-1, ...seen);
          const fresh = !seen.has(sequence) && sequence > highest - REPLAY_WINDOW_SIZE;
          expect(window.isFresh(sequence)).toBe(fresh);
          if (!fresh) continue;
          window.mark(sequence);
          seen.add(sequence);
          latest = Math.max(latest, sequence);
        }
      }),
    );
  });
});
