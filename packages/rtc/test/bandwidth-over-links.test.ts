import { describe, expect, it } from 'vitest';
import { type Path, runOverPath, summarize } from './simulated-path.ts';

const SETTLED_SECONDS = 30;
const RUN_MS = 90_000;
const SOURCE_BPS = 10_000_000;
const MAX_ESTIMATE_BPS = 3_750_000;

const settled = (path: Path) => runOverPath(() => path, RUN_MS, SOURCE_BPS).slice(SETTLED_SECONDS);

describe('an estimate that sending follows', () => {
  it.each<[string, Path]>([
    ['300 kbit/s', { capacityBps: 300_000, delayMs: 50 }],
    ['1 Mbit/s', { capacityBps: 1_000_000, delayMs: 50 }],
    ['3 Mbit/s', { capacityBps: 3_000_000, delayMs: 50 }],
    ['10 Mbit/s', { capacityBps: 10_000_000, delayMs: 50 }],
    ['1 Mbit/s, 150 ms each way', { capacityBps: 1_000_000, delayMs: 150 }],
    ['1 Mbit/s, 300 ms each way', { capacityBps: 1_000_000, delayMs: 300 }],
    ['3 Mbit/s, 2% loss', { capacityBps: 3_000_000, delayMs: 50, lossRatio: 0.02 }],
    ['1 Mbit/s, 10 ms jitter', { capacityBps: 1_000_000, delayMs: 50, jitterMs: 10 }],
    ['3 Mbit/s, 1 Mbit/s of another flow', { capacityBps: 3_000_000, delayMs: 50, competingBps: 1_000_000 }],
  ])('uses 85%% of %s, and queues for less than 60 ms', (_, path) => {
    const availableBps = Math.min(MAX_ESTIMATE_BPS, path.capacityBps - (path.competingBps ?? 0));
    const { share, queuedMs } = summarize(settled(path), availableBps);
    expect(share).toBeGreaterThan(0.85);
    expect(queuedMs).toBeLessThan(60);
  });

  it('holds its start under 5% loss', () => {
    const estimates = settled({ capacityBps: 3_000_000, delayMs: 50, lossRatio: 0.05 }).map((it) => it.estimateBps);
    expect(Math.min(...estimates)).toBeGreaterThan(900_000);
  });

  it.each([
    [3_000_000, 500_000],
    [1_000_000, 300_000],
    [2_500_000, 1_000_000],
  ])('follows %d bit/s down to %d within a second, and up within twelve', (wideBps, narrowBps) => {
    const narrowsMs = 30_000;
    const widensMs = 60_000;
    const isNarrow = (nowMs: number) => nowMs > narrowsMs && nowMs <= widensMs;
    const seconds = runOverPath(
      (nowMs) => ({ capacityBps: isNarrow(nowMs) ? narrowBps : wideBps, delayMs: 50 }),
      RUN_MS,
      SOURCE_BPS,
    );
    const [afterNarrowing = Number.NaN] = seconds.slice(narrowsMs / 1_000).map((it) => it.estimateBps);
    expect(afterNarrowing).toBeLessThan(narrowBps);
    const afterWidening = seconds.slice(widensMs / 1_000, widensMs / 1_000 + 12).map((it) => it.estimateBps);
    expect(Math.max(...afterWidening)).toBeGreaterThan(0.8 * wideBps);
  });
});
