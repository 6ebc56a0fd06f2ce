import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  candidatePriority,
  formatCandidate,
  hostCandidate,
  parseCandidate,
  serverReflexiveCandidate,
} from './candidate.ts';

const socket = { base: '10.0.0.5', basePort: 8443, rank: 0 };
const local = { ...socket, address: '10.0.0.5', port: 8443 };

describe('our candidates', () => {
  it('have the priority of RFC 8445 section 5.1.2.1', () => {
    expect(candidatePriority(126, 65535, 1)).toBe(2130706431);
    expect(candidatePriority(255, 65535, 1)).toBe(0xffffffff);
    expect(hostCandidate({ ...local, protocol: 'udp' }).priority).toBe(2130706431);
  });

  it('rank host before reflexive before TCP, and addresses in order', () => {
    const priorities = [
      hostCandidate({ ...local, protocol: 'udp' }),
      hostCandidate({ ...local, protocol: 'udp', rank: 1 }),
      serverReflexiveCandidate({ ...local, protocol: 'udp' }),
      serverReflexiveCandidate({ ...local, protocol: 'udp', rank: 1 }),
      hostCandidate({ ...local, protocol: 'tcp' }),
      hostCandidate({ ...local, protocol: 'tcp', rank: 1 }),
      serverReflexiveCandidate({ ...local, protocol: 'tcp' }),
      serverReflexiveCandidate({ ...local, protocol: 'tcp', rank: 1 }),
    ].map(({ priority }) => priority);
    expect(priorities).toEqual([...priorities].sort((a, b) => b - a));
    expect(new Set(priorities).size).toBe(priorities.length);
  });

  it('share a foundation exactly if type, base and protocol are the same', () => {
    const one = hostCandidate({ ...local, protocol: 'udp' }).foundation;
    expect(one).toMatch(/^\d{1,10}$/);
    expect(hostCandidate({ ...local, protocol: 'udp', address: '198.51.100.7', port: 1 }).foundation).toBe(one);
    expect(hostCandidate({ ...local, protocol: 'tcp' }).foundation).not.toBe(one);
    expect(hostCandidate({ ...local, protocol: 'udp', base: '10.0.0.6' }).foundation).not.toBe(one);
    expect(serverReflexiveCandidate({ ...local, protocol: 'udp' }).foundation).not.toBe(one);
  });

  it('are written as RFC 8839 and RFC 6544 say', () => {
    const lines = [
      hostCandidate({ ...local, protocol: 'udp' }),
      hostCandidate({ ...local, protocol: 'tcp' }),
      serverReflexiveCandidate({ ...local, protocol: 'udp', address: '198.51.100.7', port: 30000 }),
      serverReflexiveCandidate({ ...local, protocol: 'tcp', address: '198.51.100.7' }),
    ].map((candidate) => formatCandidate({ ...candidate, foundation: '1' }));
    expect(lines).toEqual([
      '1 1 udp 2130706431 10.0.0.5 8443 typ host',
      '1 1 tcp 1520435199 10.0.0.5 8443 typ host tcptype passive',
      '1 1 udp 1694498815 198.51.100.7 30000 typ srflx raddr 10.0.0.5 rport 8443',
      '1 1 tcp 1352663039 198.51.100.7 8443 typ srflx raddr 10.0.0.5 rport 8443 tcptype passive',
    ]);
  });

  it('are read back from their own text', () => {
    for (const candidate of [
      hostCandidate({ ...local, protocol: 'udp' }),
      hostCandidate({ ...local, protocol: 'tcp' }),
      serverReflexiveCandidate({ ...local, protocol: 'udp', address: '2001:db8::1' }),
    ]) {
      expect(parseCandidate(formatCandidate(candidate))).toEqual(candidate);
      expect(parseCandidate(`candidate:${formatCandidate(candidate)}`)).toEqual(candidate);
    }
  });
});

describe('parseCandidate', () => {
  it("reads a browser's", () => {
    const mdns = '1f6a2b3c-0000-4000-8000-0123456789ab.local';
    expect(
      parseCandidate(
        `candidate:842163049 1 UDP 1677729535 ${mdns} 46154 typ host generation 0 ufrag EsAw network-id 1`,
      ),
    ).toEqual({
      foundation: '842163049',
      component: 1,
      protocol: 'udp',
      priority: 1677729535,
      address: mdns,
      port: 46154,
      type: 'host',
    });
    expect(
      parseCandidate('candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active generation 0')?.tcpType,
    ).toBe('active');
  });

  it.each([
    '',
    'candidate:',
    'candidate:1 1 udp 1 192.0.2.1 99999 typ host',
    'candidate:1 1 udp 4294967296 192.0.2.1 9 typ host',
    'candidate:1 1 sctp 1 192.0.2.1 9 typ host',
    'candidate:1 1 udp 1 192.0.2.1 9 typ other',
    'candidate:1 1 udp 1 192.0.2.1 9 host',
    'candidate:1 1 udp 1 192.0.2.1 9 typ host dangling',
    `candidate:1 1 udp 1 192.0.2.1 9 typ host${' a b'.repeat(1000)}`,
  ])('refuses %j', (text) => {
    expect(parseCandidate(text)).toBeUndefined();
  });

  it.each(['9.1', '0x10', '-1', '65536', '1e3', ''])('takes a related port of %j as unknown', (port) => {
    const text = `candidate:1 1 udp 1 192.0.2.1 9 typ srflx raddr 10.0.0.1 rport ${port || '_'}`;
    expect(parseCandidate(text)?.relatedPort).toBe(0);
  });

  it('survives any text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 2000 }), (text) => parseCandidate(text) === undefined));
  });
});
