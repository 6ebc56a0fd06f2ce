import type { LocalAddress } from '@rtcd/packet-io';
import { describe, expect, it } from 'vitest';
import { RtcError } from '../errors.ts';
import { advertisedAddresses, hostNamesIn, uniqueAddresses } from './advertised-address.ts';

const loopback = { protocol: 'udp' as const, address: '127.0.0.1', port: 8443, family: 4 as const };
const lan = { protocol: 'udp' as const, address: '10.0.0.2', port: 8443, family: 4 as const };
const other = { protocol: 'udp' as const, address: '10.0.0.3', port: 8443, family: 4 as const };

const lan6 = { protocol: 'udp' as const, address: '2001:db8::2', port: 8443, family: 6 as const };

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'rtc.example.com': ['2001:db8::7', '198.51.100.7', '198.51.100.8'],
};

const advertise = (locals: readonly LocalAddress[], host = '', port = '') =>
  uniqueAddresses(advertisedAddresses(locals, { host, port }, (name) => NAMES[name] ?? [])).map(
    (advertised) => `${advertised.address}:${advertised.port}`,
  );

describe('advertisedAddresses', () => {
  it.each([
    ['no override', [loopback, lan], '', '', ['127.0.0.1:8443', '10.0.0.2:8443']],
    ['one address: override even of loopback', [loopback], '198.51.100.1', '', ['198.51.100.1:8443']],
    ['several: loopback keeps its own', [loopback, lan], '198.51.100.1', '', ['127.0.0.1:8443', '198.51.100.1:8443']],
    ['a host name is its address', [loopback, lan], 'rtc.example.com', '443', ['127.0.0.1:8443', '198.51.100.7:443']],
    ['of the same family', [lan, lan6], 'rtc.example.com', '', ['198.51.100.7:8443', '2001:db8::7:8443']],
    ['a host name without addresses changes nothing', [lan], 'unknown.example.com', '443', ['10.0.0.2:8443']],
    ['a host name in a pair', [lan, other], 'rtc.example.com/10.0.0.2', '', ['198.51.100.7:8443', '10.0.0.3:8443']],
    ['an address of the other family changes nothing', [lan6], '198.51.100.1', '', ['2001:db8::2:8443']],
    ['several under one address: once', [lan, other], '198.51.100.1', '', ['198.51.100.1:8443']],
    ['pairs', [lan, other], '198.51.100.1/10.0.0.2', '', ['198.51.100.1:8443', '10.0.0.3:8443']],
    [
      'a port goes with an external address',
      [loopback, lan],
      '198.51.100.1',
      '443',
      ['127.0.0.1:8443', '198.51.100.1:443'],
    ],
    ['a port alone changes nothing', [lan], '', '443', ['10.0.0.2:8443']],
    ['port pairs', [lan], '198.51.100.1', '10.0.0.9/1000,10.0.0.2/2000', ['198.51.100.1:2000']],
    ['port pairs without a match', [lan], '198.51.100.1', '10.0.0.9/1000', ['198.51.100.1:8443']],
  ])('%s', (_, locals, host, port, expected) => {
    expect(advertise(locals, host, port)).toEqual(expected);
  });

  it.each([
    ['1.2.3.4/', ''],
    ['1.2.3.4/10.0.0.2/x', ''],
    ['1.2.3.4/localhost', ''],
    ['1.2.3.4', 'http'],
    ['1.2.3.4', '70000'],
    ['1.2.3.4', '10.0.0.2/1,10.0.0.2/2'],
  ])('refuses host "%s" with port "%s"', (host, port) => {
    expect(() => advertise([lan], host, port)).toThrow(RtcError);
  });
});

describe('hostNamesIn', () => {
  it.each([
    ['', []],
    ['198.51.100.1', []],
    ['2001:db8::1', []],
    ['rtc.example.com', ['rtc.example.com']],
    ['localhost', ['localhost']],
    ['198.51.100.1/10.0.0.2, rtc.example.com/10.0.0.3', ['rtc.example.com']],
  ])('finds the names in %j', (text, names) => {
    expect(hostNamesIn(text)).toEqual(names);
  });

  it.each(['two words!', '1.2.3', '1.2.3.400', '-a.example', 'a..example', `${'a.'.repeat(130)}a`, 'a b/10.0.0.2'])(
    'refuses %j',
    (text) => {
      expect(() => hostNamesIn(text)).toThrow(RtcError);
    },
  );
});
