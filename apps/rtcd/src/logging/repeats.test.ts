import { expect, it } from 'vitest';
import { Repeats } from './repeats.ts';

it('lets ten warnings of a kind pass at once and then one a second, with the number of those left out', () => {
  const repeats = new Repeats();
  const admitted = Array.from({ length: 100 }, () => repeats.admit('request refused', '203.0.113.7:4000', 0));
  expect(admitted.filter((it) => it !== undefined)).toEqual(Array(10).fill(0));
  expect(repeats.admit('request refused', '203.0.113.7:4001', 1_000)).toBe(90);
});

it('leaves out no warning of another kind, nor about another address', () => {
  const repeats = new Repeats();
  for (let i = 0; i < 100; i++) repeats.admit('request refused', '203.0.113.7:4000', 0);
  expect(repeats.admit('authentication failed', '203.0.113.7:4000', 0)).toBe(0);
  expect(repeats.admit('request refused', '203.0.113.8', 0)).toBe(0);
});

it('takes the addresses of an IPv6 network for one', () => {
  const repeats = new Repeats();
  for (let i = 0; i < 10; i++) repeats.admit('request refused', `2001:db8::${i + 1}:4000`, 0);
  expect(repeats.admit('request refused', '2001:db8::99', 0)).toBeUndefined();
});
