import { expect, it } from 'vitest';
import { type Line, Turns } from './turns.ts';

function createTurns() {
  const deferred: Array<() => void> = [];
  const turns = new Turns((turn) => void deferred.push(turn));
  const runTurn = () => deferred.shift()?.();
  return { turns, deferred, runTurn };
}

/** A line of messages that cause the same work each, and notes each delivery. */
const line = (messages: string[], workUs: number, delivered: string[]): Line => ({
  serveNext() {
    const message = messages.shift();
    if (message === undefined) return undefined;
    delivered.push(message);
    return workUs;
  },
});

it('serves lines round robin, each in its order', () => {
  const { turns, runTurn, deferred } = createTurns();
  const delivered: string[] = [];
  turns.add(line(['a1', 'a2', 'a3'], 10, delivered));
  turns.add(line(['b1'], 10, delivered));
  expect(delivered).toEqual([]);
  runTurn();
  expect(delivered).toEqual(['a1', 'b1', 'a2', 'a3']);
  expect(deferred).toEqual([]);
});

it('ends a turn after a bounded amount of work, and continues in the next one with the line whose turn it is', () => {
  const { turns, runTurn, deferred } = createTurns();
  const delivered: string[] = [];
  turns.add(line(['a1', 'a2', 'a3'], 1500, delivered));
  turns.add(line(['b1', 'b2'], 600, delivered));
  runTurn();
  expect(delivered).toEqual(['a1', 'b1']);
  runTurn();
  expect(delivered).toEqual(['a1', 'b1', 'a2', 'b2']);
  runTurn();
  expect(delivered.at(-1)).toBe('a3');
  expect(deferred).toEqual([]);
});

it('serves one at once on request, if none was served in this turn and none waits', () => {
  const { turns, runTurn, deferred } = createTurns();
  const delivered: string[] = [];
  turns.addNow(line(['a1', 'a2'], 10, delivered));
  turns.addNow(line(['b1'], 10, delivered));
  expect(delivered).toEqual(['a1']);
  runTurn();
  expect(delivered).toEqual(['a1', 'a2', 'b1']);
  expect(deferred).toEqual([]);
  turns.addNow(line(['c1'], 10, delivered));
  expect(delivered.at(-1)).toBe('c1');
});

it('continues after a line that throws, with that line as well', () => {
  const { turns, runTurn, deferred } = createTurns();
  const delivered: string[] = [];
  const good = line(['a1', 'a2'], 10, delivered);
  let isFaulty = true;
  turns.add({
    serveNext() {
      if (!isFaulty) return good.serveNext();
      isFaulty = false;
      throw new Error('a bug');
    },
  });
  turns.add(line(['b1'], 10, delivered));
  expect(runTurn).toThrow('a bug');
  runTurn();
  expect(delivered).toEqual(['b1', 'a1', 'a2']);
  expect(deferred).toEqual([]);
});
