import { expect, it } from 'vitest';
import { parseCandidate } from './candidate.ts';
import { RemoteCandidates } from './remote-candidates.ts';

const candidate = (address: string, port = 5000, type = 'host', protocol = 'udp') =>
  parseCandidate(`candidate:1 1 ${protocol} 1 ${address} ${port} typ ${type}`)!;

it('know the types of the addresses that were named, and no others', () => {
  const remotes = new RemoteCandidates();
  expect(remotes.add(candidate('198.51.100.7', 5000, 'srflx'))).toBe('198.51.100.7');
  expect(remotes.add(candidate('2001:DB8:0::7', 5001, 'relay'))).toBe('2001:db8::7');
  expect(remotes.typeAt('198.51.100.7', 5000)).toBe('srflx');
  expect(remotes.typeAt('2001:db8::7', 5001)).toBe('relay');
  expect(remotes.typeAt('198.51.100.7', 5001)).toBe('prflx');
});

it.each([
  ['a name of mDNS', candidate('7a1e8d2c.local')],
  ['a TCP candidate', candidate('198.51.100.8', 9, 'host', 'tcp')],
  ['a known one', candidate('198.51.100.7')],
  ['a known one in another form', candidate('::ffff:198.51.100.7')],
])('ignore %s', (_name, ignored) => {
  const remotes = new RemoteCandidates();
  remotes.add(candidate('198.51.100.7'));
  expect(remotes.add(ignored)).toBeUndefined();
  expect(remotes.addresses).toEqual(['198.51.100.7']);
});

it('are bounded', () => {
  const remotes = new RemoteCandidates();
  for (let port = 1; port <= 1000; port++) remotes.add(candidate(`198.51.100.${port & 127}`, port));
  expect(remotes.addresses).toHaveLength(32);
});
