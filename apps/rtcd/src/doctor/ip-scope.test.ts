import { expect, it } from 'vitest';
import { scopeOf } from './ip-scope.ts';

it.each([
  ['203.0.113.7', 'global'],
  ['2001:db8::1', 'global'],
  ['172.15.255.255', 'global'],
  ['172.16.0.1', 'private'],
  ['10.0.0.1', 'private'],
  ['192.168.1.1', 'private'],
  ['100.64.0.1', 'private'],
  ['169.254.1.1', 'private'],
  ['fd00::1', 'private'],
  ['fe80::1', 'private'],
  ['127.0.0.2', 'loopback'],
  ['::1', 'loopback'],
  ['0.0.0.0', 'unusable'],
  ['::', 'unusable'],
  ['224.0.0.1', 'unusable'],
  ['ff02::1', 'unusable'],
])('%s is %s', (address, scope) => {
  expect(scopeOf(address)).toBe(scope);
});
