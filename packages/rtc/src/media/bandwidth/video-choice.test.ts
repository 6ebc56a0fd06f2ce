import { beforeEach, describe, expect, it } from 'vitest';
import type { LayerRate } from '../../call/published-track.ts';
import { ALL_LAYERS } from '../../codecs/layers.ts';
import { type ChoiceContext, PAUSED, VideoChoice, type VideoRates } from './video-choice.ts';

const LOW_BPS = 500_000;
const HIGH_BPS = 2_000_000;
const PLENTY_BPS = 3_000_000;
const LITTLE_BPS = 1_000_000;
const TOO_LITTLE_BPS = 400_000;

/** An encoding with the rates of its layers, each with those below. */
const level = (...ratesBps: number[]): LayerRate[] =>
  ratesBps.map((bitrateBps) => ({ layers: ALL_LAYERS, bitrateBps, averageBps: bitrateBps }));
/** A video that has no other beside it. */
const USUAL = {
  tier: 0,
  mayPause: true,
  isTried: false,
  isHeld: false,
  mayRise: true,
  mayPromote: true,
  displaceableBps: 0,
  isDisplaced: false,
  mayReturn: false,
};
const SILENT: LayerRate[] = [];
const RATES: VideoRates = [level(LOW_BPS), level(HIGH_BPS)];
const LAYERED: VideoRates = [level(100_000, 150_000, 200_000), level(500_000, 750_000, 1_000_000)];

let choice: VideoChoice;
beforeEach(() => {
  choice = new VideoChoice();
});

/** Chooses, as for a video whose switches come about at once. */
function choose(rates: VideoRates, roomBps: number, nowMs: number, context: Partial<ChoiceContext> = {}): number {
  choice.choose(rates, roomBps, { ...USUAL, flowing: choice.level, ...context }, nowMs);
  return choice.level;
}

/** Chooses every 100 ms and returns the moments at which the encoding changed. */
function changesUntil(
  endMs: number,
  roomBps: (nowMs: number) => number,
  context: Partial<ChoiceContext> = {},
): number[] {
  const changes: number[] = [];
  let before = choice.level;
  for (let nowMs = 0; nowMs <= endMs; nowMs += 100) {
    const now = choose(RATES, roomBps(nowMs), nowMs, context);
    if (now !== before) changes.push(nowMs);
    before = now;
  }
  return changes;
}

describe('the choice of an encoding', () => {
  it('begins with the smallest, and chooses the best that fits after ten seconds', () => {
    choose(RATES, PLENTY_BPS, 0);
    expect(choice).toMatchObject({ level: 0, reason: 'back_off' });
    expect(changesUntil(30_000, () => PLENTY_BPS)).toEqual([10_000]);
    expect(choice).toMatchObject({ level: 1, reason: 'fits' });
  });

  it('stays with the smallest where the next needs more than nine tenths of its rate', () => {
    expect(changesUntil(60_000, () => 0.9 * HIGH_BPS)).toEqual([]);
    expect(choice.reason).toBe('bandwidth');
    expect(changesUntil(15_000, () => 0.9 * HIGH_BPS + 1)).toEqual([10_000]);
  });

  it('drops at once, and waits longer each time before it rises again', () => {
    const narrows = (nowMs: number) => (nowMs % 1_000 === 500 ? LITTLE_BPS : PLENTY_BPS);
    expect(changesUntil(60_000, narrows)).toEqual([10_000, 10_500, 33_000, 33_500]);
  });

  it('leaves an encoding that has ended', () => {
    changesUntil(10_000, () => PLENTY_BPS);
    expect(choose([level(LOW_BPS), SILENT], PLENTY_BPS, 10_100)).toBe(0);
  });

  it('stays with the smaller one while a better one sends nothing', () => {
    expect(choose([level(LOW_BPS), SILENT], PLENTY_BPS, 0)).toBe(0);
    expect(choose([level(LOW_BPS), SILENT], PLENTY_BPS, 20_000)).toBe(0);
    expect(choice.reason).toBe('fits');
  });

  it('changes nothing while a screen is static', () => {
    changesUntil(10_000, () => PLENTY_BPS);
    expect(choose([SILENT, SILENT], LITTLE_BPS, 10_100)).toBe(1);
    expect(choice.reason).toBe('source_silent');
  });

  it('chooses the only encoding without delay', () => {
    expect(choose([SILENT, level(HIGH_BPS)], PLENTY_BPS, 0)).toBe(1);
  });

  it('does not drop for a key frame or a busy moment', () => {
    const busy = { layers: ALL_LAYERS, bitrateBps: 900_000, averageBps: 400_000 };
    expect(choose([[busy]], 500_000, 0)).toBe(0);
    const lasting = { ...busy, averageBps: 600_000 };
    expect(choose([[lasting]], 500_000, 0)).toBe(PAUSED);
  });

  it('abandons a switch without a key frame, and does not retry at once', () => {
    const options = { flowing: 0 };
    expect(changesUntil(60_000, () => PLENTY_BPS, options)).toEqual([10_000, 20_100, 42_600, 52_700]);
  });
});

describe('a pause', () => {
  it('begins when nothing fits, and ends with the smallest encoding once it fits and some time has passed', () => {
    const narrows = (nowMs: number) => (nowMs < 1_000 ? TOO_LITTLE_BPS : PLENTY_BPS);
    expect(choose(RATES, TOO_LITTLE_BPS, 0)).toBe(PAUSED);
    expect(choice.reason).toBe('paused');
    expect(changesUntil(20_000, narrows)).toEqual([15_000]);
    expect(choice).toMatchObject({ level: 0, reason: 'back_off' });
  });

  it('begins again at once if less fits than a moment before', () => {
    choose(RATES, TOO_LITTLE_BPS, 0);
    expect(choose(RATES, PLENTY_BPS, 20_000)).toBe(0);
    expect(choose(RATES, TOO_LITTLE_BPS, 20_100)).toBe(PAUSED);
  });

  it('does not happen where the bandwidth is a guess', () => {
    expect(choose(RATES, TOO_LITTLE_BPS, 0, { mayPause: false })).toBe(0);
    expect(choice.reason).toBe('bandwidth');
  });

  it('ends at once for a member that begins to speak', () => {
    choose(RATES, TOO_LITTLE_BPS, 0, { tier: 2 });
    expect(choose(RATES, PLENTY_BPS, 100, { tier: 2 })).toBe(PAUSED);
    expect(choose(RATES, PLENTY_BPS, 200, { tier: 1 })).toBe(0);
  });

  it('ends at once where less important videos are sent as much', () => {
    choose(RATES, TOO_LITTLE_BPS, 0);
    expect(choose(RATES, PLENTY_BPS, 100, { displaceableBps: LOW_BPS })).toBe(PAUSED);
    expect(choose(RATES, PLENTY_BPS, 200, { displaceableBps: 1.2 * LOW_BPS })).toBe(0);
  });

  it('begins two seconds later for the most important video', () => {
    choose(RATES, LITTLE_BPS, 0, { isHeld: true });
    expect(choose(RATES, TOO_LITTLE_BPS, 1_900, { isHeld: true })).toBe(0);
    expect(choice.reason).toBe('bandwidth');
    expect(choose(RATES, TOO_LITTLE_BPS, 2_000, { isHeld: true })).toBe(PAUSED);
  });

  it('is interrupted for five seconds at a time by a trial', () => {
    choose(RATES, TOO_LITTLE_BPS, 0);
    expect(changesUntil(45_000, () => TOO_LITTLE_BPS, { isTried: true })).toEqual([15_000, 20_000]);
  });
});

describe('a video whose bandwidth the rise of a more important one takes', () => {
  const displaced = { isDisplaced: true, mayReturn: true };

  it('has what it had again at once, as far as that fits', () => {
    changesUntil(10_000, () => PLENTY_BPS);
    expect(choose(RATES, TOO_LITTLE_BPS, 20_000, displaced)).toBe(PAUSED);
    expect(choose(RATES, LITTLE_BPS, 20_100, { mayRise: false })).toBe(0);
    expect(choose(RATES, PLENTY_BPS, 20_200, { mayRise: false })).toBe(1);
  });

  it('has it at once one time: after another fall it waits like others', () => {
    choose(RATES, LITTLE_BPS, 0);
    choose(RATES, TOO_LITTLE_BPS, 100, displaced);
    expect(choose(RATES, LITTLE_BPS, 200)).toBe(0);
    expect(choose(RATES, TOO_LITTLE_BPS, 300)).toBe(PAUSED);
    expect(choose(RATES, LITTLE_BPS, 400)).toBe(PAUSED);
  });

  it('has no more at once than before', () => {
    choose(RATES, LITTLE_BPS, 0);
    choose(RATES, TOO_LITTLE_BPS, 100, displaced);
    expect(choose(RATES, PLENTY_BPS, 200)).toBe(0);
    expect(choose(RATES, PLENTY_BPS, 300)).toBe(0);
    expect(choice.reason).toBe('back_off');
  });

  it('waits like others if its member was only interrupted', () => {
    choose(RATES, LITTLE_BPS, 0);
    choose(RATES, TOO_LITTLE_BPS, 100, { isDisplaced: true });
    expect(choose(RATES, LITTLE_BPS, 200)).toBe(PAUSED);
  });
});

describe('a video that becomes more important', () => {
  const promoted = { tier: 1, displaceableBps: HIGH_BPS };
  beforeEach(() => {
    choose(RATES, PLENTY_BPS, 0, { tier: 2 });
  });

  it('rises at once, as far as less important ones make room', () => {
    expect(choose(RATES, PLENTY_BPS, 100, { ...promoted, displaceableBps: LOW_BPS })).toBe(0);
    expect(choose(RATES, PLENTY_BPS, 200, { ...promoted, mayPromote: false })).toBe(0);
    expect(choice.reason).toBe('back_off');
    expect(choose(RATES, PLENTY_BPS, 300, promoted)).toBe(1);
  });

  it('rises at once one time, and not again before its back-off', () => {
    expect(choose(RATES, PLENTY_BPS, 100, promoted)).toBe(1);
    expect(choose(RATES, LITTLE_BPS, 200, promoted)).toBe(0);
    expect(choose(RATES, PLENTY_BPS, 300, promoted)).toBe(0);
  });

  it('waits like others once it is less important again', () => {
    choose(RATES, LITTLE_BPS, 100, promoted);
    expect(choose(RATES, PLENTY_BPS, 200, { ...promoted, tier: 2 })).toBe(0);
  });

  it('is taken from a pause to its best encoding', () => {
    choose(RATES, TOO_LITTLE_BPS, 100, { tier: 2 });
    expect(choose(RATES, PLENTY_BPS, 200, { ...promoted, displaceableBps: 1.2 * HIGH_BPS })).toBe(1);
  });
});

describe('temporal layers', () => {
  const positions = (rates: VideoRates) => ({
    level: choice.level,
    layer: rates[choice.level]!.indexOf(choice.rateOf(rates)!),
  });

  it('are dropped before an encoding is', () => {
    choose(LAYERED, 2_000_000, 0);
    choose(LAYERED, 2_000_000, 10_000);
    expect(positions(LAYERED)).toEqual({ level: 1, layer: 2 });
    const dropped = [800_000, 600_000, 400_000, 170_000, 110_000].map((roomBps, index) => {
      choose(LAYERED, roomBps, 10_100 + index);
      return positions(LAYERED);
    });
    expect(dropped).toEqual([
      { level: 1, layer: 1 },
      { level: 1, layer: 0 },
      { level: 0, layer: 2 },
      { level: 0, layer: 1 },
      { level: 0, layer: 0 },
    ]);
    expect(choose(LAYERED, 80_000, 10_200)).toBe(PAUSED);
  });

  it('of a better encoding must fit all before it is taken up', () => {
    choose(LAYERED, 600_000, 0);
    choose(LAYERED, 600_000, 30_000);
    expect(positions(LAYERED)).toEqual({ level: 0, layer: 2 });
  });

  it('return after a time, without a longer next wait', () => {
    choose(LAYERED, 110_000, 0);
    choose(LAYERED, 200_000, 9_900);
    expect(positions(LAYERED)).toEqual({ level: 0, layer: 0 });
    choose(LAYERED, 200_000, 10_000);
    expect(positions(LAYERED)).toEqual({ level: 0, layer: 2 });
    expect(choose(LAYERED, 2_000_000, 20_000)).toBe(1);
  });

  it('that begin are sent with all others', () => {
    choose([level(100_000)], 2_000_000, 0);
    choose(LAYERED, 2_000_000, 100);
    expect(positions(LAYERED)).toEqual({ level: 0, layer: 2 });
  });
});
