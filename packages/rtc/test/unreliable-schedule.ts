import type { LinkConditions } from '../src/testing/index.ts';
import { Dice } from './dice.ts';
import type { WayConditions } from './unreliable-way.ts';

export const USERS = ['a', 'b', 'c'] as const;

/** Character of one user in a run. */
export interface UserTraits {
  readonly dcSignaling: boolean;
  readonly locks: boolean;
}

export type Action =
  | { readonly name: 'publish' | 'unpublish' | 'mute' | 'unmute' | 'leave' | 'rejoin' | 'takeLock' }
  /** A camera or a screen goes on or off. */
  | { readonly name: 'toggle'; readonly type: 'video' | 'screen' }
  | { readonly name: 'sleep'; readonly durationMs: number }
  | {
      readonly name: 'way';
      readonly durationMs: number;
      readonly toSfu: Partial<WayConditions>;
      readonly toPeer: Partial<WayConditions>;
      /** The client notices, and says `reconnect` in the end. */
      readonly isNoticed: boolean;
    }
  | { readonly name: 'network'; readonly durationMs: number; readonly conditions: Partial<LinkConditions> };

export interface Step {
  readonly atMs: number;
  readonly user: number;
  readonly action: Action;
}

export interface Schedule {
  readonly traits: readonly UserTraits[];
  readonly steps: readonly Step[];
  /** Nothing is out of order later than this. */
  readonly endMs: number;
}

/**
 * The trouble with the messages of a run. One kind at a time goes further than all at once: most losses end in a `reconnect`, which
 * heals everything else.
 */
type Trouble = 'losses' | 'disorder' | 'late offers' | 'late answers' | 'all';

/** Events in the run of a seed. */
export function scheduleOf(seed: number): Schedule {
  const dice = new Dice(seed);
  const traits = USERS.map(() => ({ dcSignaling: dice.isLucky(0.3), locks: dice.isLucky(0.5) }));
  const durationMs = dice.oneOf([2_000, 15_000, 40_000]);
  const trouble = dice.oneOf<Trouble>(['losses', 'disorder', 'disorder', 'late offers', 'late answers', 'all']);
  const troubled = dice.isLucky(0.7) ? [0] : [0, 1, 2];
  // Each exchange heals what went wrong before, so there are few actions, and they come while the trouble lasts.
  const steps = [
    ...Array.from({ length: dice.between(1, 5) }, () => ({
      atMs: dice.upTo(durationMs / 2),
      user: dice.oneOf(troubled),
      action: troubleOf(dice, trouble),
    })),
    ...Array.from({ length: dice.between(2, 14) }, () => ({
      atMs: dice.upTo(durationMs),
      user: dice.upTo(USERS.length),
      action: deedOf(dice),
    })),
  ].sort((a, b) => a.atMs - b.atMs);
  const endsMs = steps.map(({ atMs, action }) => atMs + ('durationMs' in action ? action.durationMs : 0));
  return { traits, steps, endMs: Math.max(durationMs, ...endsMs) };
}

function deedOf(dice: Dice): Action {
  const number = dice.upTo(100);
  if (number < 30) return { name: 'publish' };
  if (number < 45) return { name: 'unpublish' };
  if (number < 60) return { name: 'toggle', type: 'video' };
  if (number < 70) return { name: 'toggle', type: 'screen' };
  if (number < 74) return { name: 'mute' };
  if (number < 78) return { name: 'unmute' };
  if (number < 85) return { name: 'leave' };
  if (number < 93) return { name: 'rejoin' };
  return { name: 'takeLock' };
}

function troubleOf(dice: Dice, trouble: Trouble): Action {
  const number = dice.upTo(100);
  if (number < 15) {
    return { name: 'sleep', durationMs: dice.oneOf([dice.between(500, 6_000), dice.between(11_000, 40_000)]) };
  }
  if (number < 80) {
    const durationMs = dice.oneOf([dice.between(500, 6_000), dice.between(6_000, 40_000)]);
    return { name: 'way', durationMs, ...ways(dice, trouble), isNoticed: dice.isLucky(0.2) };
  }
  const conditions = {
    lossRate: dice.oneOf([1, 0.3, 0.1]),
    duplicateRate: 0.3,
    reorderRate: 0.3,
    delayMs: dice.between(5, 300),
  };
  return { name: 'network', durationMs: dice.between(500, 12_500), conditions };
}

function ways(dice: Dice, trouble: Trouble): Record<'toSfu' | 'toPeer', Partial<WayConditions>> {
  const losses = () => ({ delayMs: dice.upTo(200), lossRate: dice.oneOf([0, 0.4, 1]) });
  const disorder = () => ({
    delayMs: dice.upTo(200),
    jitterMs: dice.oneOf([dice.upTo(1_000), dice.between(1_000, 12_000)]),
    reorders: true,
    duplicateRate: dice.oneOf([0, 0.4]),
  });
  /** About as long as the SFU waits for an answer, or longer. */
  const late = () => ({ delayMs: dice.between(8_000, 25_000) });
  const all = () => ({ ...disorder(), ...losses(), delayMs: dice.oneOf([dice.upTo(200), dice.upTo(13_000)]) });
  switch (trouble) {
    case 'losses':
      return { toSfu: losses(), toPeer: losses() };
    case 'disorder':
      return { toSfu: disorder(), toPeer: disorder() };
    case 'late offers':
      return { toSfu: {}, toPeer: late() };
    case 'late answers':
      return { toSfu: late(), toPeer: losses() };
    case 'all':
      return { toSfu: all(), toPeer: all() };
    default:
      return trouble satisfies never;
  }
}

/** One line per step, for the log of a run that failed. */
export const describeSchedule = ({ traits, steps, endMs }: Schedule): string =>
  [
    ...traits.map(({ dcSignaling, locks }, index) => `${USERS[index]}: dcSignaling ${dcSignaling}, locks ${locks}`),
    ...steps.map(({ atMs, user, action }) => {
      const { name, ...details } = action;
      return `${atMs} ms: ${USERS[user]} ${name} ${Object.keys(details).length > 0 ? JSON.stringify(details) : ''}`;
    }),
    `${endMs} ms: everything is well again`,
  ].join('\n');
