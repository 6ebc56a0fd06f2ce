import { seededRandom } from '@rtcd/packet-io/testing';
import type { LinkConditions } from '../src/testing/index.ts';
import type { WayConditions } from './unreliable-way.ts';

export const USERS = ['a', 'b', 'c'] as const;

/** What one user is like in a run. */
export interface UserTraits {
  readonly dcSignaling: boolean;
  readonly locks: boolean;
}

export type Action =
  | { readonly name: 'publish' | 'unpublish' | 'mute' | 'unmute' | 'leave' | 'rejoin' | 'takeLock' }
  | { readonly name: 'sleep'; readonly durationMs: number }
  | { readonly name: 'way'; readonly durationMs: number; readonly conditions: Partial<WayConditions> }
  | { readonly name: 'network'; readonly durationMs: number; readonly conditions: Partial<LinkConditions> };

export interface Step {
  readonly atMs: number;
  readonly user: number;
  readonly action: Action;
}

export interface Schedule {
  readonly traits: readonly UserTraits[];
  readonly steps: readonly Step[];
  readonly endMs: number;
}

const STEPS = 16;

/** What happens in the run of a seed. */
export function scheduleOf(seed: number): Schedule {
  const random = seededRandom(seed);
  const upTo = (limit: number) => Math.floor(random() * limit);
  const isLucky = (chance: number) => random() < chance;
  const traits = USERS.map(() => ({ dcSignaling: isLucky(0.5), locks: isLucky(0.7) }));
  const durationMs = [2_000, 15_000, 60_000][upTo(3)]!;
  const steps = Array.from({ length: 4 + upTo(STEPS) }, (): Step => {
    const action = actionOf(upTo, isLucky);
    return { atMs: upTo(durationMs), user: upTo(USERS.length), action };
  }).sort((a, b) => a.atMs - b.atMs);
  return { traits, steps, endMs: durationMs };
}

function actionOf(upTo: (limit: number) => number, isLucky: (chance: number) => boolean): Action {
  const dice = upTo(100);
  if (dice < 25) return { name: 'publish' };
  if (dice < 35) return { name: 'unpublish' };
  if (dice < 40) return { name: 'mute' };
  if (dice < 45) return { name: 'unmute' };
  if (dice < 53) return { name: 'leave' };
  if (dice < 61) return { name: 'rejoin' };
  if (dice < 65) return { name: 'takeLock' };
  if (dice < 73) return { name: 'sleep', durationMs: 500 + upTo(isLucky(0.3) ? 40_000 : 6_000) };
  if (dice < 90) {
    const conditions = {
      delayMs: upTo(isLucky(0.2) ? 13_000 : 500),
      jitterMs: upTo(1_000),
      reorders: isLucky(0.3),
      duplicateRate: isLucky(0.5) ? 0.4 : 0,
      lossRate: isLucky(0.5) ? 1 : isLucky(0.5) ? 0.4 : 0,
    };
    return { name: 'way', durationMs: 500 + upTo(isLucky(0.2) ? 40_000 : 8_000), conditions };
  }
  const conditions = {
    lossRate: isLucky(0.3) ? 1 : 0.3 * (upTo(10) / 10),
    duplicateRate: 0.3,
    reorderRate: 0.3,
    delayMs: 5 + upTo(300),
  };
  return { name: 'network', durationMs: 500 + upTo(12_000), conditions };
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
