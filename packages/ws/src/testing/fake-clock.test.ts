import { expect, it } from 'vitest';
import { createFakeClock } from './fake-clock.ts';

it('runs timers in order of time, including those set meanwhile', () => {
  const clock = createFakeClock();
  const ran: [string, number][] = [];
  const note = (name: string) => () => void ran.push([name, clock.nowMs()]);
  clock.setTimer(note('late'), 30);
  clock.setTimer(() => {
    note('early')();
    clock.setTimer(note('nested'), 5);
  }, 10);
  clock.clearTimer(clock.setTimer(note('called off'), 20));
  clock.advance(29);
  expect(ran).toEqual([
    ['early', 10],
    ['nested', 15],
  ]);
  expect([clock.nowMs(), clock.pendingTimers]).toEqual([29, 1]);
  clock.advance(1);
  expect(ran.at(-1)).toEqual(['late', 30]);
});
