import type { LinkConditions } from '../src/testing/index.ts';
import { Dice } from './dice.ts';
import type { VideoType } from './unreliable-user.ts';

export const USERS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
/** Ten minutes in all. */
export const ROUNDS = 5;
export const ROUND_MS = 120_000;
const MAX_LIVELY_MS = 45_000;

/** Character of one user in a run. */
export interface RandomTraits {
  readonly dcSignaling: boolean;
  readonly locks: boolean;
  readonly usesRtx: boolean;
  readonly reportsArrivals: boolean;
  /** Encodings of its videos. */
  readonly rids: Readonly<Record<VideoType, readonly string[]>>;
}

export type RandomAction =
  | { readonly name: 'publish' | 'unpublish' | 'mute' | 'unmute' | 'speak' | 'takeLock' | 'leave' | 'rejoin' }
  | { readonly name: 'toggle'; readonly type: VideoType }
  /** An encoder stops for lack of bandwidth, or starts again. */
  | { readonly name: 'encoding'; readonly type: VideoType; readonly index: number }
  | { readonly name: 'sleep'; readonly durationMs: number }
  | { readonly name: 'network'; readonly durationMs: number; readonly conditions: Partial<LinkConditions> };

export interface RandomStep {
  readonly atMs: number;
  readonly user: number;
  readonly action: RandomAction;
}

export interface RandomSchedule {
  readonly traits: readonly RandomTraits[];
  /** Pictures that each encoding shows per second. */
  readonly framesPerSecond: number;
  /** Steps of each round, with their times in it. */
  readonly rounds: readonly (readonly RandomStep[])[];
}

/** Events in the run of a seed. */
export function randomSchedule(seed: number): RandomSchedule {
  const dice = new Dice(seed);
  const rids = () => dice.oneOf([[], ['l', 'h'], ['l', 'm', 'h']]);
  const traits = USERS.map(() => ({
    dcSignaling: dice.isLucky(0.5),
    locks: dice.isLucky(0.5),
    usesRtx: dice.isLucky(0.7),
    reportsArrivals: dice.isLucky(0.5),
    rids: { video: rids(), screen: rids() },
  }));
  const rounds = Array.from({ length: ROUNDS }, () => {
    const livelyMs = dice.between(5_000, MAX_LIVELY_MS);
    return Array.from({ length: dice.between(4, 16) }, () => ({
      atMs: dice.upTo(livelyMs),
      user: dice.upTo(USERS.length),
      action: actionOf(dice),
    })).sort((a, b) => a.atMs - b.atMs);
  });
  return { traits, framesPerSecond: dice.oneOf([0.5, 1]), rounds };
}

function actionOf(dice: Dice): RandomAction {
  const number = dice.upTo(100);
  if (number < 16) return { name: 'publish' };
  if (number < 24) return { name: 'unpublish' };
  if (number < 38) return { name: 'toggle', type: 'screen' };
  if (number < 52) return { name: 'toggle', type: 'video' };
  if (number < 60) return { name: 'encoding', type: dice.oneOf(['screen', 'video']), index: dice.upTo(3) };
  if (number < 65) return { name: 'mute' };
  if (number < 68) return { name: 'unmute' };
  if (number < 75) return { name: 'speak' };
  if (number < 78) return { name: 'takeLock' };
  if (number < 82) return { name: 'leave' };
  if (number < 89) return { name: 'rejoin' };
  if (number < 93) return { name: 'sleep', durationMs: dice.between(200, 5_000) };
  const conditions = {
    lossRate: dice.oneOf([0, 0.05, 0.3]),
    duplicateRate: dice.oneOf([0, 0.1]),
    reorderRate: dice.oneOf([0, 0.2]),
    delayMs: dice.between(5, 200),
  };
  return { name: 'network', durationMs: dice.between(1_000, 15_000), conditions };
}

/** One line per step, for the log of a run that failed. */
export const describeRandom = ({ traits, framesPerSecond, rounds }: RandomSchedule): string =>
  [
    `${framesPerSecond} pictures per second`,
    ...traits.map((its, index) => `${USERS[index]}: ${JSON.stringify(its)}`),
    ...rounds.flatMap((steps, round) =>
      steps.map(({ atMs, user, action: { name, ...details } }) => {
        const time = `${round * ROUND_MS + atMs} ms`;
        return `${time}: ${USERS[user]} ${name} ${Object.keys(details).length > 0 ? JSON.stringify(details) : ''}`;
      }),
    ),
  ].join('\n');
