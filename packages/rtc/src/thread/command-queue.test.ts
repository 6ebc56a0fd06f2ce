import { expect, it } from 'vitest';
import { CommandQueue } from './command-queue.ts';

const resume = (session: number) => ({ type: 'resume', session }) as const;

it('takes one command of each group in turn, and those of a group in order', () => {
  const queue = new CommandQueue();
  for (const session of [1, 2, 3]) queue.push({ groupID: 'many', command: resume(session) });
  for (const session of [4, 5]) queue.push({ groupID: 'few', command: resume(session) });
  const taken: unknown[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    taken.push(`${next.groupID} ${next.command.session}`);
  }
  expect(taken).toEqual(['many 1', 'few 4', 'many 2', 'few 5', 'many 3']);
  expect(queue.isEmpty).toBe(true);
});
