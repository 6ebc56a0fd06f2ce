import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VoiceActivityDetector } from './detector.ts';

const WINDOW = 50;
const PACKET_MS = 20;

/** The sample standard deviation, computed the long way. */
function standardDeviation(levels: readonly number[]): number {
  const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
  const squares = levels.reduce((sum, level) => sum + (level - mean) ** 2, 0);
  return Math.sqrt(squares / (levels.length - 1));
}

/** Alternates around 60, so that a whole window deviates by about `deviation`. */
const swing = (deviation: number) => (index: number) => 60 + (index % 2 === 0 ? deviation : -deviation);

function detector() {
  const voice = new VoiceActivityDetector();
  let nowMs = 0;
  const push = (count: number, level: (index: number) => number) => {
    for (let index = 0; index < count; index++) {
      nowMs += PACKET_MS;
      voice.push(level(index), nowMs);
    }
  };
  return { voice, push };
}

describe('voice activity', () => {
  it('needs a whole window', () => {
    const { voice, push } = detector();
    push(WINDOW - 1, swing(40));
    expect(voice.isActive).toBe(false);
    push(1, swing(40));
    expect(voice.isActive).toBe(true);
  });

  it('is switched on by a deviation above 10 only', () => {
    const { voice, push } = detector();
    push(500, swing(9.9));
    expect(voice.isActive).toBe(false);
    push(WINDOW, swing(11));
    expect(voice.isActive).toBe(true);
  });

  it('is not switched on by loudness that stays the same', () => {
    const { voice, push } = detector();
    push(500, () => 0);
    push(500, () => 20);
    expect(voice.isActive).toBe(false);
  });

  it('stays on between the thresholds, and turns off below 4', () => {
    const { voice, push } = detector();
    push(WINDOW, swing(20));
    push(1_000, swing(5));
    expect(voice.isActive).toBe(true);
    push(WINDOW, swing(3));
    expect(voice.isActive).toBe(false);
  });

  it('stays on for 2 s at least', () => {
    const { voice, push } = detector();
    push(WINDOW, swing(20));
    push(99, () => 127);
    expect(voice.isActive).toBe(true);
    push(1, () => 127);
    expect(voice.isActive).toBe(false);
  });

  it("ignores the sender's own opinion", () => {
    const { voice, push } = detector();
    push(500, (index) => (index % 2 === 0 ? 0x80 | 60 : 60));
    expect(voice.isActive).toBe(false);
  });

  it('is off after a reset, and starts over', () => {
    const { voice, push } = detector();
    push(WINDOW, swing(20));
    voice.reset();
    expect(voice.isActive).toBe(false);
    push(WINDOW - 1, swing(20));
    expect(voice.isActive).toBe(false);
    push(1, swing(20));
    expect(voice.isActive).toBe(true);
  });

  it('agrees with the definition for any levels', () => {
    const segment = fc.record({ around: fc.integer({ min: 30, max: 90 }), by: fc.nat(30), packets: fc.nat(150) });
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
        const all = segments.flatMap(({ around, by, packets }) =>
          Array.from({ length: packets }, (_, index) => around + (index % 2 === 0 ? by : -by)),
        );
        const { voice, push } = detector();
        let active = false;
        let activatedAt = 0;
        for (const [index, level] of all.entries()) {
          push(1, () => level);
          if (index < WINDOW - 1) continue;
          const deviation = standardDeviation(all.slice(index + 1 - WINDOW, index + 1));
          if (!active && deviation > 10) {
            active = true;
            activatedAt = index;
          } else if (active && deviation < 4 && (index - activatedAt) * PACKET_MS >= 2_000) active = false;
          expect(voice.isActive).toBe(active);
        }
      }),
      { numRuns: 40 },
    );
  });
});
