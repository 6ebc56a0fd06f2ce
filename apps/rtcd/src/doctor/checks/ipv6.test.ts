import type { AddressEntry } from '@rtcd/rtc';
import { describe, expect, it } from 'vitest';
import { judgeIPv6 } from './ipv6.ts';

const ignored = (address: string, reason: AddressEntry['reason']): AddressEntry => ({
  interfaceName: 'eth0',
  address,
  advertised: [],
  reason,
});
const used = (address: string, advertised = address): AddressEntry => ({
  interfaceName: 'eth0',
  address,
  socket: { protocol: 'udp', port: 8443 },
  advertised: [{ address: advertised, port: 8443 }],
  reason: 'own_address',
});

const GLOBAL = '2001:db8::7';
const IPV4 = used('192.0.2.7');
const LOOPBACK = used('::1');

describe('IPv6', () => {
  it('is not mentioned on a machine without it', () => {
    expect(judgeIPv6(false, [IPV4, LOOPBACK, ignored('fe80::1', 'not_global')], false)).toEqual([]);
  });

  it.each([
    ['an address that is not used', false, [IPV4, ignored(GLOBAL, 'ipv6_disabled')], true, 'note', GLOBAL],
    ['no address to use', true, [IPV4, ignored('fe80::1', 'not_global')], true, 'warning', 'none that is global'],
    ['private addresses only', true, [IPV4, used('fd00::7')], true, 'note', 'fd00::7'],
    ['no way out', true, [IPV4, used(GLOBAL)], false, 'warning', 'no IPv6 route'],
    ['an address and a way out', true, [IPV4, used(GLOBAL)], true, 'ok', GLOBAL],
    ['a private address that an override replaces', true, [used('fd00::7', GLOBAL)], true, 'ok', 'fd00::7'],
    ['a duplicate address', true, [IPV4, ignored(GLOBAL, 'not_bound')], true, 'warning', 'cannot be used'],
  ] as const)('with %s is judged', (_, isEnabled, addresses, hasRoute, level, text) => {
    expect(judgeIPv6(isEnabled, addresses, hasRoute)).toMatchObject([
      { check: 'ipv6', level, message: expect.stringContaining(text) },
    ]);
  });
});
