import { describe, expect, it } from 'vitest';
import { RtcError } from '../errors.ts';
import { advertisedAddresses } from './advertised-address.ts';

const loopback = { address: '127.0.0.1', port: 8443, family: 4 as const };
const lan = { address: '10.0.0.2', port: 8443, family: 4 as const };
const other = { address: '10.0.0.3', port: 8443, family: 4 as const };

const advertise = (locals: readonly (typeof lan)[], host = '', port = '') =>
  advertisedAddresses(locals, { host, port }).map((advertised) => `${advertised.address}:${advertised.port}`);

describe('advertisedAddresses', () => {
  it.each([
    ['no override', [loopback, lan], '', '', ['127.0.0.1:8443', '10.0.0.2:8443']],
    ['one address: override even of loopback', [loopback], '198.51.100.1', '', ['198.51.100.1:8443']],
    ['several: loopback keeps its own', [loopback, lan], '198.51.100.1', '', ['127.0.0.1:8443', '198.51.100.1:8443']],
    ['a host name', [lan], 'rtc.example.com', '', ['rtc.example.com:8443']],
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
    ['two words!', ''],
    ['1.2.3.4/', ''],
    ['1.2.3.4/10.0.0.2/x', ''],
    ['1.2.3.4', 'http'],
    ['1.2.3.4', '70000'],
    ['1.2.3.4', '10.0.0.2/1,10.0.0.2/2'],
  ])('refuses host "%s" with port "%s"', (host, port) => {
    expect(() => advertise([lan], host, port)).toThrow(RtcError);
  });
});
