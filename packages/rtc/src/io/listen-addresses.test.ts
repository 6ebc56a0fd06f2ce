import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { RtcError } from '../errors.ts';
import { listenAddresses } from './listen-addresses.ts';

const info = (address: string, family: 'IPv4' | 'IPv6'): NetworkInterfaceInfo =>
  ({ address, family, netmask: '', mac: '', internal: false, cidr: null, scopeid: 0 }) as NetworkInterfaceInfo;

const interfaces = {
  lo: [info('127.0.0.1', 'IPv4'), info('::1', 'IPv6')],
  eth0: [info('192.0.2.2', 'IPv4'), info('fe80::1', 'IPv6'), info('2001:db8::2', 'IPv6')],
};

const addresses = (named: string, enableIPv6 = false) =>
  listenAddresses({ addresses: named, port: 1, enableIPv6 }, interfaces).map(({ address }) => address);

describe('listenAddresses', () => {
  it('returns the IPv4 addresses of all interfaces, loopback included', () => {
    expect(addresses('')).toEqual(['127.0.0.1', '192.0.2.2']);
  });

  it('adds global IPv6 addresses if enabled', () => {
    expect(addresses('', true)).toEqual(['127.0.0.1', '192.0.2.2', '2001:db8::2']);
  });

  it('returns a list unchanged, each address once', () => {
    expect(addresses('127.0.0.1, 192.0.2.2,127.0.0.1')).toEqual(['127.0.0.1', '192.0.2.2']);
  });

  it.each(['0.0.0.0', '::', '0:0:0:0:0:0:0:0', '127.0.0.1, 0.0.0.0'])('treats %s as all addresses', (unspecified) => {
    expect(addresses(unspecified)).toEqual(['127.0.0.1', '192.0.2.2']);
    expect(addresses(unspecified, true)).toEqual(['127.0.0.1', '192.0.2.2', '2001:db8::2']);
  });

  it('marks found addresses as optional, and configured ones as required', () => {
    const optional = (named: string) =>
      listenAddresses({ addresses: named, port: 1, enableIPv6: false }, interfaces).map((address) => address.optional);
    expect(optional('')).toEqual([true, true]);
    expect(optional('0.0.0.0')).toEqual([true, true]);
    expect(optional('192.0.2.2')).toEqual([false]);
  });

  it('refuses an invalid address, and names it', () => {
    expect(() => addresses('127.0.0.1,localhost')).toThrow(RtcError);
    expect(() => addresses('localhost')).toThrow('"localhost"');
  });
});
