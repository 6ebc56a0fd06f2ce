import { describe, expect, it } from 'vitest';
import { LINK_CASES, runLink, runStep, STEPS } from './congestion/link-cases.ts';
import { RFC8867_CASES, runRfc8867 } from './congestion/rfc8867-cases.ts';

interface Bounds {
  readonly share: number;
  readonly queuedMs: number;
  /** Packets of voice that queues may drop. */
  readonly audioDropped: number;
}

/** Aims for each link. */
const AIMS: Bounds = { share: 0.85, queuedMs: 60, audioDropped: 0 };
/** Bounds of cases that miss an aim. docs/bandwidth.md has the reasons. */
const MISSES: Readonly<Record<string, Partial<Bounds>>> = {
  '300 kbit/s': { queuedMs: 75 },
  '3 Mbit/s, a TCP flow': { queuedMs: 300, audioDropped: 80 },
  '1 Mbit/s, queue of 30 ms': { audioDropped: 110 },
  // Bandwidth beyond the best encoding that fits is not used.
  '300 kbit/s, encodings': { share: 0.6 },
  '1 Mbit/s, encodings': { share: 0.5 },
  '1 Mbit/s, encodings, 5% random loss': { share: 0.5 },
};

describe('over a link of', () => {
  it.each(LINK_CASES.map((link) => [link.name, link] as const))('%s, uses it with a short queue', (name, link) => {
    const bounds = { ...AIMS, ...MISSES[name] };
    const result = runLink(link);
    expect(result.share).toBeGreaterThan(bounds.share);
    expect(result.queuedMs).toBeLessThan(bounds.queuedMs);
    expect(result.audioDropped).toBeLessThanOrEqual(bounds.audioDropped);
    expect(result.switchesPerMinute).toBe(0);
  });

  it.each(STEPS)(
    '%d bit/s that narrows to %d, backs off within 1 s and comes back within 8 s',
    (wideBps, narrowBps) => {
      const { backOffMs, comeBackMs } = runStep(wideBps, narrowBps);
      expect(backOffMs).toBeLessThanOrEqual(1_000);
      expect(comeBackMs).toBeLessThan(8_000);
    },
  );
});

const CHANGES = { share: 0.85, queuedMs: 60, audioLoss: 0.01, fairness: 0.9 };
const CONSTANT = { ...CHANGES, audioLoss: 1e-9 };
const RFC8867_BOUNDS: Readonly<Record<string, typeof CHANGES>> = {
  '5.1': CHANGES,
  '5.2': CHANGES,
  '5.3': CHANGES,
  '5.4': CONSTANT,
  '5.5': CONSTANT,
  // A queue of 300 ms that TCP fills is left to it.
  '5.6': { share: 0.95, queuedMs: 300, audioLoss: 0.02, fairness: 0.9 },
  '5.7': { share: 0.65, queuedMs: 200, audioLoss: 0.003, fairness: 0.9 },
  '5.8': CONSTANT,
};

describe('in the test case of RFC 8867', () => {
  it.each(RFC8867_CASES.map((testCase) => [testCase.section, testCase.name, testCase] as const))(
    '%s, uses the path and shares it: %s',
    (section, _, testCase) => {
      const bounds = RFC8867_BOUNDS[section]!;
      const result = runRfc8867(testCase);
      expect(result.share).toBeGreaterThan(bounds.share);
      expect(result.queuedMs).toBeLessThan(bounds.queuedMs);
      expect(result.audioLoss).toBeLessThan(bounds.audioLoss);
      expect(result.fairness).toBeGreaterThan(bounds.fairness);
    },
  );
});
