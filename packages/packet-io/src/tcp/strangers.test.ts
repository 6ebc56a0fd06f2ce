import { expect, it } from 'vitest';
import { MAX_STRANGERS, MAX_STRANGERS_PER_NETWORK, Strangers } from './strangers.ts';

const times = (count: number, action: (index: number) => boolean) =>
  Array.from({ length: count }, (_, index) => action(index)).filter(Boolean).length;

it('admits so many strangers of an address, and another one when one has left', () => {
  const strangers = new Strangers();
  expect(times(300, () => strangers.admit('192.0.2.1'))).toBe(MAX_STRANGERS_PER_NETWORK);
  expect(strangers.admit('192.0.2.2')).toBe(true);
  strangers.leave('192.0.2.1');
  expect(times(2, () => strangers.admit('192.0.2.1'))).toBe(1);
});

it('takes the addresses of one IPv6 network for one', () => {
  const strangers = new Strangers();
  expect(times(300, (index) => strangers.admit(`2001:db8::${index.toString(16)}`))).toBe(MAX_STRANGERS_PER_NETWORK);
  expect(strangers.admit('2001:db8:0:1::1')).toBe(true);
});

it('admits so many from everywhere', () => {
  const strangers = new Strangers();
  expect(times(MAX_STRANGERS + 10, (index) => strangers.admit(`10.${index >> 8}.${index & 255}.1`))).toBe(
    MAX_STRANGERS,
  );
});
