import { Turns } from '@rtcd/boundary';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Source } from './source.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Two sources that may send 30 requests in a second. */
function create() {
  const deferred: (() => void)[] = [];
  const turns = new Turns((turn) => void deferred.push(turn));
  const answered: string[] = [];
  const push = (source: Source, name: string, workUs = 200) =>
    source.push({ cost: 1, workUs, answer: () => void answered.push(name) });
  const [flood, other] = [new Source(turns, 30), new Source(turns, 30)];
  return { flood, other, answered, push, deferred, runTurn: () => deferred.shift()?.() };
}

it('answers requests in turn with those of other sources', () => {
  const { flood, other, answered, push, runTurn } = create();
  for (const name of ['flood 1', 'flood 2', 'flood 3']) push(flood, name);
  push(other, 'other');
  expect(answered).toEqual(['flood 1']);
  runTurn();
  expect(answered).toEqual(['flood 1', 'flood 2', 'other', 'flood 3']);
});

it('answers no more in a turn of the event loop than it has time for', () => {
  const { flood, answered, push, runTurn } = create();
  for (const name of ['at once', '1', '2', '3']) push(flood, name, 1_500);
  runTurn();
  expect(answered).toEqual(['at once', '1', '2']);
  runTurn();
  expect(answered).toEqual(['at once', '1', '2', '3']);
});

it('has requests wait that its budget does not cover, and no others', () => {
  const { flood, other, answered, push, deferred, runTurn } = create();
  for (let count = 0; count < 20; count++) push(flood, 'flood', 0);
  runTurn();
  // A third of a second's at once, and one into debt.
  expect(answered).toHaveLength(11);
  push(flood, 'flood', 0);
  expect(deferred).toEqual([]);
  push(other, 'other');
  expect(answered).toHaveLength(12);
  expect(answered.at(-1)).toBe('other');
  runTurn();
  vi.advanceTimersByTime(34);
  runTurn();
  expect(answered).toHaveLength(13);
});

it('may be forgotten when its budget is full', () => {
  const { flood, push, runTurn } = create();
  const restMs = flood.restMs;
  for (let count = 0; count < 20; count++) push(flood, 'flood', 0);
  runTurn();
  expect(flood.restMs).toBeGreaterThan(restMs);
});
