import { expect, it } from 'vitest';
import { judgeFileLimit, parseFileLimit } from './file-limit.ts';

it.each([
  ['Max open files            1024                 524288               files', 1_024],
  ['Max open files            unlimited            unlimited            files', Number.POSITIVE_INFINITY],
])('reads the soft limit in %j', (line, limit) => {
  expect(parseFileLimit(`Limit\nMax processes 1 2 processes\n${line}\n`)).toBe(limit);
});

it.each([
  [256, 'error'],
  [1_023, 'error'],
  [1_024, 'warning'],
  [16_383, 'warning'],
  [16_384, 'ok'],
  [Number.POSITIVE_INFINITY, 'ok'],
])('judges %d open files: %s', (limit, level) => {
  expect(judgeFileLimit(limit)).toMatchObject([{ level }]);
});
