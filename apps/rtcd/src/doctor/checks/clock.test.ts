import { expect, it } from 'vitest';
import { judgeOffset, judgeSystemd } from './clock.ts';

it.each([
  [0, 'ok'],
  [9_999, 'ok'],
  [-9_999, 'ok'],
  [10_000, 'warning'],
  [-299_999, 'warning'],
  [300_000, 'error'],
  [-300_000, 'error'],
])('judges a clock that is %d ms ahead: %s', (aheadMs, level) => {
  expect(judgeOffset(aheadMs, 'peer.example.com').level).toBe(level);
});

it.each([
  ['yes', 'ok'],
  ['no', 'warning'],
  ['', 'note'],
])('judges the answer %j of systemd: %s', (answer, level) => {
  expect(judgeSystemd(answer).level).toBe(level);
});
