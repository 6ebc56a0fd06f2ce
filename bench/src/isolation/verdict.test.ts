import { expect, it } from 'vitest';
import { exceededLimits, type IsolationRow } from './verdict.ts';

const GOOD: IsolationRow = {
  name: 'none',
  description: '',
  attackers: '',
  lossPercent: 0,
  p50ExtraDelayMs: 0,
  p99ExtraDelayMs: 19.9,
  mediaTurnMs: 10,
  otherTurnMs: 400,
  slowestLoginMs: 1_999,
  failedLogins: 0,
  closed: [],
  memoryMiB: 50,
};

it('passes a row at its limits', () => expect(exceededLimits(GOOD)).toEqual([]));

it.each<[string, Partial<IsolationRow>]>([
  ['loss', { lossPercent: 0.01 }],
  ['loss', { lossPercent: Number.NaN }],
  ['delay', { p99ExtraDelayMs: 20 }],
  ['turn', { mediaTurnMs: 10.1 }],
  ['login', { slowestLoginMs: 2_000 }],
  ['login', { failedLogins: 1 }],
  ['closed', { closed: ['WebSocket'] }],
  ['memory', { memoryMiB: 51 }],
])('names %s for %j', (name, change) => expect(exceededLimits({ ...GOOD, ...change })).toEqual([name]));
