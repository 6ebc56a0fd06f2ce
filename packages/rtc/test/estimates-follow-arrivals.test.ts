import { describe, expect, it } from 'vitest';
import { type Estimate, readArrivalTrace, replayArrivals } from './arrival-trace.ts';

/**
 * Returns the greatest and the least ratio of our estimate to the recorded one over a stretch of a trace. Packets were sent at the
 * recorded estimate, so that ours means something only as long as it stays near.
 */
function ratios(name: string, fromMs: number, toMs: number): { least: number; greatest: number } {
  const trace = readArrivalTrace(name);
  const ours = replayArrivals(trace);
  const all = trace.estimates
    .filter(([atMs]) => atMs >= fromMs && atMs <= toMs)
    .map(([atMs, bps]) => estimateAt(ours, atMs) / bps);
  return { least: Math.min(...all), greatest: Math.max(...all) };
}

function estimateAt(estimates: readonly Estimate[], atMs: number): number {
  const estimate = estimates.findLast((it) => it.atMs <= atMs);
  if (!estimate) throw new Error(`No estimate before ${atMs} ms`);
  return estimate.bps;
}

describe('an estimate from the arrivals of a genuine sender', () => {
  it.each([
    ['rate300k', 2_000, 16_000],
    ['rate1m', 2_500, 10_000],
  ] as const)('is within a fifth of that of libwebrtc on %s', (name, fromMs, toMs) => {
    const { least, greatest } = ratios(name, fromMs, toMs);
    expect(least).toBeGreaterThan(0.8);
    expect(greatest).toBeLessThan(1.2);
  });

  it('follows a path of 3 Mbit/s up, and down when its queue fills', () => {
    const ours = replayArrivals(readArrivalTrace('rate3m'));
    expect(estimateAt(ours, 5_000)).toBeGreaterThan(2_500_000);
    expect(estimateAt(ours, 10_000)).toBeGreaterThan(3_500_000);
    expect(estimateAt(ours, 13_000)).toBeLessThan(3_000_000);
  });

  it('falls below 500 kbit/s within 1.2 s of a step down to that, and recovers', () => {
    const ours = replayArrivals(readArrivalTrace('step3m-500k-3m'));
    expect(estimateAt(ours, 10_000)).toBeGreaterThan(3_000_000);
    expect(estimateAt(ours, 11_200)).toBeLessThan(500_000);
    expect(estimateAt(ours, 20_000)).toBeLessThan(500_000);
    expect(estimateAt(ours, 37_000)).toBeGreaterThan(2_000_000);
  });

  it.each(['loss5-3m', 'jitter20-3m'])('is not driven down by %s', (name) => {
    const estimates = replayArrivals(readArrivalTrace(name)).map(({ bps }) => bps);
    expect(Math.min(...estimates)).toBeGreaterThan(900_000);
  });
});
