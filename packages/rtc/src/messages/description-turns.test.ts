import { beforeEach, expect, it } from 'vitest';
import { DescriptionTurns } from './description-turns.ts';

let timers: (() => void)[];
let turns: DescriptionTurns;
let done: string[];

beforeEach(() => {
  timers = [];
  done = [];
  turns = new DescriptionTurns({ nowMs: () => 7, setTimer: (callback) => timers.push(callback) });
});

const wait = (group: string, name: string) => turns.wait(group, () => void done.push(name));
const nextTurn = () => timers.shift()?.();

it('does the first work at once, and one more in each turn, of one group after the other', () => {
  for (const name of ['a1', 'a2', 'a3']) wait('a', name);
  for (const name of ['b1', 'b2']) wait('b', name);
  const turnsOf: string[][] = [];
  while (timers.length > 0) {
    turnsOf.push(done);
    done = [];
    nextTurn();
  }
  expect(turnsOf).toEqual([['a1'], ['a2'], ['b1'], ['a3'], ['b2']]);
});

it('rests when nothing waits, and does the next work at once', () => {
  wait('a', 'first');
  nextTurn();
  expect(timers).toEqual([]);
  wait('a', 'second');
  expect(done).toEqual(['first', 'second']);
});

it('counts a description that was read elsewhere', () => {
  turns.take();
  wait('a', 'later');
  expect(done).toEqual([]);
  nextTurn();
  expect(done).toEqual(['later']);
});

it('continues after work that throws', () => {
  expect(() =>
    turns.wait('a', () => {
      throw new Error('bug');
    }),
  ).toThrow('bug');
  wait('a', 'next');
  nextTurn();
  expect(done).toEqual(['next']);
});
