import type { AddressEntry, NetworkProbe } from '@rtcd/rtc';
import { describe, expect, it } from 'vitest';
import { checkAddresses } from './addresses.ts';

const HOST = { isKubernetes: false, isContainer: false };
const CONTAINER = { isKubernetes: false, isContainer: true };
const POD = { isKubernetes: true, isContainer: true };

function entry(address: string, rest: Partial<AddressEntry> = {}): AddressEntry {
  const socket = { protocol: 'udp', port: 8443 } as const;
  return {
    interfaceName: 'eth0',
    address,
    socket,
    advertised: [{ address, port: 8443 }],
    reason: 'own_address',
    ...rest,
  };
}

const LOOPBACK = entry('127.0.0.1', { interfaceName: 'lo', reason: 'loopback' });
const DOCKER = entry('172.17.0.1', { interfaceName: 'docker0', advertised: [], reason: 'ignored_interface' });
const replaced = (local: string, address: string, port = 8443) =>
  entry(local, { advertised: [{ address, port }], reason: 'host_override' });

const probe = (addresses: readonly AddressEntry[], rest: Partial<NetworkProbe> = {}): NetworkProbe => ({
  addresses,
  stun: [],
  arrivals: [],
  ...rest,
});

const check = (given: NetworkProbe, surroundings = HOST, override = '') =>
  checkAddresses({ ice_host_override: override }, given, surroundings).map(
    ({ level, message }) => `${level}: ${message}`,
  );

it('finds nothing wrong with a public address', () => {
  expect(check(probe([LOOPBACK, entry('203.0.113.5')]))).toEqual(['ok: Users are told 203.0.113.5:8443.']);
});

it('finds nothing wrong with a private address and the public one that a STUN server sees', () => {
  const advertised = [
    { address: '10.0.0.2', port: 8443 },
    { address: '203.0.113.7', port: 8443 },
  ];
  const seen = entry('10.0.0.2', { advertised, reason: 'public_address' });
  expect(check(probe([seen]), POD)).toEqual(['ok: Users are told 10.0.0.2:8443, 203.0.113.7:8443.']);
});

it('finds that nothing but loopback is advertised', () => {
  expect(check(probe([LOOPBACK, DOCKER]))).toEqual([expect.stringMatching(/^error: No address is advertised/)]);
});

describe('private addresses alone', () => {
  it('are a warning on a machine', () => {
    expect(check(probe([entry('10.0.0.2')]))).toEqual([expect.stringMatching(/^warning: Only private addresses/)]);
  });

  it.each([
    ['container', CONTAINER],
    ['pod', POD],
  ])('are an error in a %s', (name, surroundings) => {
    expect(check(probe([entry('172.17.0.2')]), surroundings)).toEqual([
      expect.stringMatching(`^error: 172.17.0.2:8443 is advertised, an address of this ${name}`),
    ]);
  });

  it('are a warning in a container that has the network of its host', () => {
    expect(check(probe([entry('10.0.0.2'), DOCKER]), CONTAINER)).toEqual([
      expect.stringMatching(/^warning: Only private/),
    ]);
  });
});

it('finds the address of a bridge that is advertised', () => {
  const bridge = entry('172.17.0.1', { interfaceName: 'docker0' });
  expect(check(probe([entry('203.0.113.5'), bridge]))).toEqual([
    expect.stringMatching(/^warning: 172.17.0.1 of the interface docker0/),
  ]);
});

describe('an override', () => {
  const seenAt = (address: string): Partial<NetworkProbe> => ({
    stun: [{ server: 'stun:a', local: { address: '10.0.0.2', port: 8443 }, mapped: { address, port: 8443 } }],
  });

  it('that fits no local address is an error', () => {
    expect(check(probe([entry('203.0.113.5')]), HOST, '203.0.113.9/10.0.0.9')).toEqual([
      expect.stringMatching(/^error: rtc.ice_host_override .* has no effect/),
    ]);
  });

  it('that STUN servers confirm is right', () => {
    const given = probe([replaced('10.0.0.2', '203.0.113.7')], seenAt('203.0.113.7'));
    expect(check(given, HOST, '203.0.113.7')).toEqual(['ok: Users are told 203.0.113.7:8443.']);
  });

  it('that STUN servers contradict is an error', () => {
    const given = probe([replaced('10.0.0.2', '203.0.113.9')], seenAt('203.0.113.7'));
    expect(check(given, HOST, '203.0.113.9')).toEqual([
      expect.stringMatching(/^error: .* STUN servers see this machine at 203.0.113.7/),
    ]);
  });

  it('that STUN servers contradict is right if a packet to it comes back, as with a load balancer', () => {
    const arrivals = [{ address: '203.0.113.9', port: 443, hasArrived: true }];
    const given = probe([replaced('10.0.0.2', '203.0.113.9', 443)], { ...seenAt('203.0.113.7'), arrivals });
    expect(check(given, HOST, '203.0.113.9')).toEqual(['ok: Users are told 203.0.113.9:443.']);
  });

  it('that leads to loopback is an error', () => {
    expect(check(probe([replaced('10.0.0.2', '127.0.0.1')]), HOST, '127.0.0.1')).toContainEqual(
      expect.stringMatching(/^error: .* at which users cannot reach/),
    );
  });
});
