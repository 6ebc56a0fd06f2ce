import { expect, it } from 'vitest';
import { FairQueue } from './fair-queue.ts';

it('takes one item of each group in turn, and those of a group in order', () => {
  const queue = new FairQueue<string>();
  for (const item of ['many 1', 'many 2', 'many 3']) queue.push('many', item);
  for (const item of ['few 4', 'few 5']) queue.push('few', item);
  const taken: string[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) taken.push(next);
  expect(taken).toEqual(['many 1', 'few 4', 'many 2', 'few 5', 'many 3']);
  expect(queue.isEmpty).toBe(true);
});
