import { describe, expect, it } from 'vitest';
import { PacingBudget } from './pacing-budget.ts';

const ESTIMATE_BPS = 1_000_000;
const PACKET_BYTES = 1_250; // 4 ms at 2.5 Mbit/s

describe('the pacing budget', () => {
  it('lets a burst leave at once, and the rest at a multiple of the estimate', () => {
    const budget = new PacingBudget({ factor: 2.5, burstMs: 20 });
    const sentMs: number[] = [];
    for (let packet = 0; packet < 20; packet++) {
      const nowMs = Math.max(1_000, budget.readyMs);
      budget.spend(PACKET_BYTES, ESTIMATE_BPS, nowMs);
      sentMs.push(nowMs);
    }
    expect(sentMs.filter((ms) => ms === 1_000)).toHaveLength(6);
    expect(sentMs.at(-1)).toBe(1_000 + 14 * 4);
  });

  it('does not save up what was not sent', () => {
    const budget = new PacingBudget({ factor: 2.5, burstMs: 20 });
    budget.spend(PACKET_BYTES, ESTIMATE_BPS, 0);
    budget.spend(PACKET_BYTES, ESTIMATE_BPS, 60_000);
    expect(budget.readyMs).toBe(60_000 + 4 - 20);
  });
});
