import { expect, it } from 'vitest';
import { parseGoInteger } from './kinds.ts';

it.each([
  ['0', 0],
  ['-0', 0],
  ['8443', 8443],
  ['+1', 1],
  ['-1', -1],
  ['1_024', 1024],
  ['0x100', 256],
  ['0X1f_fF', 0x1fff],
  ['0x_1', 1],
  ['0b101', 5],
  ['0o17', 15],
  ['017', 15],
  ['0_17', 15],
])('reads %s as %d', (text, value) => {
  expect(parseGoInteger(text)).toBe(value);
});

it.each(['', ' 1', '1 ', '08', '1__0', '_1', '1_', '0x', '0xg', '0b2', '1.0', '1e3', 'NaN', '--1', '٣'])(
  'reads no number in %j',
  (text) => {
    expect(parseGoInteger(text)).toBeUndefined();
  },
);
