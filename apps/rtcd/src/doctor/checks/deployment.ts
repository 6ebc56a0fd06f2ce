import type { AddressEntry, NetworkProbe } from '@rtcd/rtc';
import type { Config } from '../../config/settings.ts';
import { formatEndpoint } from '../../endpoint.ts';
import type { Finding } from '../finding.ts';
import { scopeOf } from '../ip-scope.ts';
import type { Surroundings } from '../surroundings.ts';
import { sharesNetworkOfHost } from './addresses.ts';

/** Describes the kind of deployment, as docs/networks.md names it: where the process runs, and how users' packets get there. */
export function checkDeployment(
  rtc: Pick<Config['rtc'], 'ice_host_override' | 'ice_port_udp'>,
  { addresses, stun }: NetworkProbe,
  surroundings: Surroundings,
): Finding[] {
  const parts = [place(surroundings, addresses), ...overridePart(rtc, addresses), ...natPart(stun)];
  return [{ check: 'deployment', level: 'note', message: `${parts.join('; ')}.` }];
}

function place({ isKubernetes, isContainer }: Surroundings, addresses: readonly AddressEntry[]): string {
  const network = sharesNetworkOfHost(addresses)
    ? 'the network of its host'
    : 'a network of its own, or of a host without other containers';
  if (isKubernetes) return `Pod in Kubernetes with ${network}`;
  if (isContainer) return `Container with ${network}`;
  const isPublic = addresses.some(({ address, socket }) => socket !== undefined && scopeOf(address) === 'global');
  return isPublic ? 'Machine with a public address' : 'Machine with private addresses';
}

function overridePart(
  { ice_host_override: override, ice_port_udp: port }: Pick<Config['rtc'], 'ice_host_override' | 'ice_port_udp'>,
  addresses: readonly AddressEntry[],
): string[] {
  if (override === '') return [];
  const replaced = addresses.filter(({ reason }) => reason === 'host_override').flatMap(({ advertised }) => advertised);
  const pairs = override.includes('/') ? override.split(',').length : 0;
  const kind =
    pairs > 1
      ? `one of ${pairs} pairs of public and private addresses, as for one public address per node`
      : 'an address by override';
  const otherPort = replaced.find((to) => to.port !== port);
  const ports = otherPort ? `, at another port (${otherPort.port} leads to ${port}, as with a NodePort)` : '';
  return replaced.length > 0 ? [`users are told ${kind}${ports}`] : [];
}

function natPart(stun: NetworkProbe['stun']): string[] {
  const translated = stun.find(({ local, mapped }) => mapped && mapped.address !== local.address);
  if (translated) {
    return [`behind a NAT, which maps ${formatEndpoint(translated.local)} to ${formatEndpoint(translated.mapped!)}`];
  }
  return stun.some(({ mapped }) => mapped) ? ['not behind a NAT'] : [];
}
