import { expect, it } from 'vitest';
import { readMediaWay } from './media-way.ts';

const report = (...stats: readonly { readonly id: string; readonly [key: string]: unknown }[]) =>
  new Map(stats.map((entry) => [entry.id, entry]));

const remote = { id: 'R', type: 'remote-candidate', candidateType: 'host', protocol: 'udp' };
const local = { id: 'L', type: 'local-candidate', candidateType: 'srflx', protocol: 'udp' };
const relay = { id: 'L', type: 'local-candidate', candidateType: 'relay', protocol: 'udp', relayProtocol: 'tcp' };
const pair = { id: 'P', type: 'candidate-pair', localCandidateId: 'L', remoteCandidateId: 'R' };
const other = { id: 'O', type: 'candidate-pair', localCandidateId: 'X', remoteCandidateId: 'R' };
const transport = { id: 'T', type: 'transport', selectedCandidatePairId: 'P' };

it('names the ends of the selected pair', () => {
  expect(readMediaWay(report(other, pair, transport, local, remote))).toBe('srflx over UDP to host');
});

it('names the protocol on the way to a relay', () => {
  expect(readMediaWay(report(pair, transport, relay, remote))).toBe('relay over TCP to host');
});

it('finds the pair that Firefox marks', () => {
  expect(readMediaWay(report(other, { ...pair, selected: true }, local, remote))).toBe('srflx over UDP to host');
});

it.each([
  ['without a pair', report(local, remote)],
  ['without its candidates', report(pair, transport)],
  ['of nothing', report()],
])('is unknown in a report %s', (_name, stats) => {
  expect(readMediaWay(stats)).toBeUndefined();
});
