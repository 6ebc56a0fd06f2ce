import { expect, it, vi } from 'vitest';
import { runEpisode } from '../src/episode.ts';
import { describeSchedule, scheduleOf } from '../src/schedule.ts';

/** Both threads of media, and every fault; about ten seconds each. */
const SEEDS = [4, 7, 8, 17, 18, 26];

// Faults that heal by themselves after 10 s may follow each other, on a machine that is busy.
vi.setConfig({ testTimeout: 180_000 });

it.each(SEEDS.map((seed) => ({ seed, text: describeSchedule(scheduleOf(seed)) })))(
  'no innocent session ends, nothing leaks, and every refusal says why: $text',
  ({ seed }) => runEpisode(scheduleOf(seed)),
);

it('has every fault among the schedules that are run', () => {
  const names = SEEDS.flatMap((seed) => scheduleOf(seed).steps.map(({ fault }) => fault.name));
  expect(new Set(names).size).toBe(9);
});
