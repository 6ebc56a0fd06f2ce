import { beforeEach, describe, expect, it } from 'vitest';
import { LevelChoice } from './level-choice.ts';

const LOW_BPS = 500_000;
const HIGH_BPS = 2_000_000;
const RATES = [LOW_BPS, HIGH_BPS];
const PLENTY_BPS = 3_000_000;
const LITTLE_BPS = 1_000_000;

let choice: LevelChoice;

beforeEach(() => {
  choice = new LevelChoice();
});

/** Chooses every 100 ms and returns the moments at which the choice changed. */
function changesUntil(endMs: number, availableBps: (nowMs: number) => number, rates = RATES): number[] {
  const changes: number[] = [];
  let level = 0;
  for (let nowMs = 0; nowMs <= endMs; nowMs += 100) {
    const now = choice.choose(rates, availableBps(nowMs), nowMs);
    if (now !== level) changes.push(nowMs);
    level = now;
  }
  return changes;
}

describe('LevelChoice', () => {
  it('begins with the smallest encoding, and takes the best that fits after ten seconds', () => {
    expect(changesUntil(30_000, () => PLENTY_BPS)).toEqual([10_000]);
  });

  it('stays with the smallest where the next needs more than nine tenths of its rate', () => {
    expect(changesUntil(60_000, () => 0.9 * HIGH_BPS)).toEqual([]);
    expect(changesUntil(15_000, () => 0.9 * HIGH_BPS + 1)).toEqual([10_000]);
  });

  it('drops at once, and waits longer each time before it rises again', () => {
    const narrows = (nowMs: number) => (nowMs % 1_000 === 500 ? LITTLE_BPS : PLENTY_BPS);
    expect(changesUntil(60_000, narrows)).toEqual([10_000, 10_500, 33_000, 33_500]);
  });

  it('gives up an encoding that has ended', () => {
    changesUntil(10_000, () => PLENTY_BPS);
    expect(choice.choose([LOW_BPS, 0], PLENTY_BPS, 10_100)).toBe(0);
  });

  it('changes nothing while a screen stands still', () => {
    changesUntil(10_000, () => PLENTY_BPS);
    expect(choice.choose([0, 0], LITTLE_BPS, 10_100)).toBe(1);
  });

  it('takes an encoding that needs too much if there is no other', () => {
    expect(choice.choose([0, HIGH_BPS], LITTLE_BPS, 0)).toBe(1);
  });
});
