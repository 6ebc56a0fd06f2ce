import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { RtcError } from '../errors.ts';
import { IGNORED_INTERFACES_DEFAULT, interfaceAddresses, listenAddresses } from './listen-addresses.ts';

const LOOPBACK = ['127.0.0.1', '::1'];

const info = (address: string, family: 'IPv4' | 'IPv6'): NetworkInterfaceInfo =>
  ({
    address,
    family,
    netmask: '',
    mac: '',
    internal: LOOPBACK.includes(address),
    cidr: null,
    scopeid: 0,
  }) as NetworkInterfaceInfo;

const interfaces = {
  lo: [info('127.0.0.1', 'IPv4'), info('::1', 'IPv6')],
  eth0: [info('192.0.2.2', 'IPv4'), info('fe80::1', 'IPv6'), info('2001:db8::2', 'IPv6')],
};

const options = (addresses: string, enableIPv6 = false, ignoredInterfaces = IGNORED_INTERFACES_DEFAULT) => ({
  addresses,
  port: 1,
  enableIPv6,
  ignoredInterfaces,
});

const addresses = (named: string, enableIPv6 = false) =>
  listenAddresses(options(named, enableIPv6), interfaces).map(({ address }) => address);

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
    const optional = (named: string) => listenAddresses(options(named), interfaces).map((address) => address.optional);
    expect(optional('')).toEqual([true, true]);
    expect(optional('0.0.0.0')).toEqual([true, true]);
    expect(optional('192.0.2.2')).toEqual([false]);
  });

  it('refuses an invalid address, and names it', () => {
    expect(() => addresses('127.0.0.1,localhost')).toThrow(RtcError);
    expect(() => addresses('localhost')).toThrow('"localhost"');
  });
});

describe('interfaces of containers and virtual machines', () => {
  const host = {
    ...interfaces,
    docker0: [info('172.17.0.1', 'IPv4')],
    'br-0123456789ab': [info('172.18.0.1', 'IPv4')],
    virbr0: [info('192.168.122.1', 'IPv4')],
    cali1234: [info('169.254.1.1', 'IPv4')],
    br0: [info('192.0.2.9', 'IPv4')],
  };
  const listened = (named: string, ignored?: string) =>
    listenAddresses(options(named, false, ignored), host).map(({ address }) => address);

  it('are left out when listening on all addresses', () => {
    expect(listened('')).toEqual(['127.0.0.1', '192.0.2.2', '192.0.2.9']);
    expect(listened('0.0.0.0')).toEqual(['127.0.0.1', '192.0.2.2', '192.0.2.9']);
  });

  it('are used if their address is named, or the setting does not name them', () => {
    expect(listened('172.17.0.1')).toEqual(['172.17.0.1']);
    expect(listened('', '')).toContain('172.17.0.1');
    expect(listened('', 'br0, docker*')).toEqual([
      '127.0.0.1',
      '192.0.2.2',
      '172.18.0.1',
      '192.168.122.1',
      '169.254.1.1',
    ]);
  });

  it('can be loopback', () => {
    expect(listened('', 'lo,docker*,br-*,virbr*,cali*')).toEqual(['192.0.2.2', '192.0.2.9']);
  });

  it.each([['veth0'], ['docker0']])('are used if there is nothing else but loopback: %s', (name) => {
    const alone = { lo: interfaces.lo, [name]: [info('10.1.0.2', 'IPv4'), info('fe80::2', 'IPv6')] };
    expect(listenAddresses(options(''), alone).map(({ address }) => address)).toEqual(['127.0.0.1', '10.1.0.2']);
  });

  it('match by their whole name, in which only * is special', () => {
    const named = {
      'a.b': [info('10.0.0.1', 'IPv4')],
      axb: [info('10.0.0.2', 'IPv4')],
      'a.bc': [info('10.0.0.3', 'IPv4')],
    };
    const left = (ignored: string) => listenAddresses(options('', false, ignored), named).map(({ address }) => address);
    expect(left('a.b')).toEqual(['10.0.0.2', '10.0.0.3']);
    expect(left('*.b*')).toEqual(['10.0.0.2']);
  });
});

describe('interfaceAddresses', () => {
  it('gives the reason for each address that is not listened on', () => {
    const host = { ...interfaces, docker0: [info('172.17.0.1', 'IPv4')] };
    expect(interfaceAddresses(options(''), host)).toEqual([
      { interfaceName: 'lo', address: '127.0.0.1' },
      { interfaceName: 'lo', address: '::1', ignored: 'not_global' },
      { interfaceName: 'eth0', address: '192.0.2.2' },
      { interfaceName: 'eth0', address: 'fe80::1', ignored: 'not_global' },
      { interfaceName: 'eth0', address: '2001:db8::2', ignored: 'ipv6_disabled' },
      { interfaceName: 'docker0', address: '172.17.0.1', ignored: 'ignored_interface' },
    ]);
    expect(interfaceAddresses(options('192.0.2.2'), host).filter(({ ignored }) => ignored !== 'not_listed')).toEqual([
      { interfaceName: 'eth0', address: '192.0.2.2' },
    ]);
  });
});
