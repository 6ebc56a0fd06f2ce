import { type AddressEntry, IGNORED_INTERFACES_DEFAULT, interfaceMatcher, type NetworkProbe } from '@rtcd/rtc';
import type { Config } from '../../config/settings.ts';
import { formatEndpoint } from '../../endpoint.ts';
import type { Finding, Level } from '../finding.ts';
import { scopeOf } from '../ip-scope.ts';
import type { Surroundings } from '../surroundings.ts';

const isOfContainers = interfaceMatcher(IGNORED_INTERFACES_DEFAULT);

/** Judges the advertised addresses: are they addresses for users at all, and does an override have the right one? */
export function checkAddresses(
  rtc: Pick<Config['rtc'], 'ice_host_override'>,
  probe: NetworkProbe,
  surroundings: Surroundings,
): Finding[] {
  const outside = probe.addresses.filter(({ address, advertised }) => advertised.length > 0 && !isLoopback(address));
  if (outside.length === 0) return [noAddress(probe.addresses)];
  const findings = [
    ...outside.flatMap(containersBridge),
    ...uselessOverride(rtc.ice_host_override, probe.addresses),
    ...wrongOverride(probe),
    ...privateOnly(outside, surroundings, sharesNetworkOfHost(probe.addresses)),
  ];
  return findings.length > 0 ? findings : [finding('ok', `Users are told ${listOf(outside)}.`)];
}

const finding = (level: Level, message: string, advice?: string): Finding => ({
  check: 'addresses',
  level,
  message,
  ...(advice !== undefined && { advice }),
});

const isLoopback = (address: string): boolean => scopeOf(address) === 'loopback';

const listOf = (entries: readonly AddressEntry[]): string =>
  [...new Set(entries.flatMap(({ advertised }) => advertised.map(formatEndpoint)))].join(', ');

function noAddress(table: readonly AddressEntry[]): Finding {
  const others = table.filter(({ address, advertised }) => advertised.length === 0 && scopeOf(address) !== 'loopback');
  return finding(
    'error',
    'No address is advertised at which another machine can reach this one.',
    others.length > 0
      ? `Listen on one of ${others.map(({ address }) => address).join(', ')}: check rtc.ice_address_udp, rtc.enable_ipv6, and rtc.ice_ignored_interfaces.`
      : 'Connect this machine to a network.',
  );
}

/** An address of a bridge is the same on thousands of hosts, and leads to the containers of this one. */
function containersBridge({ interfaceName = '', address, reason }: AddressEntry): Finding[] {
  if (!isOfContainers(interfaceName) || reason === 'host_override') return [];
  return [
    finding(
      'warning',
      `${address} of the interface ${interfaceName} is advertised, which leads to containers or virtual machines on this host, not to users.`,
      `Take it out of rtc.ice_address_udp, or name ${interfaceName} in rtc.ice_ignored_interfaces.`,
    ),
  ];
}

function uselessOverride(override: string, table: readonly AddressEntry[]): Finding[] {
  if (override === '' || table.some(({ reason }) => reason === 'host_override')) return [];
  const own = table.filter(({ socket }) => socket !== undefined).map(({ address }) => address);
  return [
    finding(
      'error',
      `rtc.ice_host_override "${override}" has no effect: it fits none of the addresses listened on (${own.join(', ')}).`,
      'Use an address of the same family, or pairs "external/internal" whose internal addresses are those of this machine.',
    ),
  ];
}

/** Compares an override with what STUN servers see, and with where packets to it arrive. */
function wrongOverride({ addresses, stun, arrivals }: NetworkProbe): Finding[] {
  return addresses
    .filter(({ reason }) => reason === 'host_override')
    .flatMap(({ address: own, advertised }) =>
      advertised.flatMap(({ address, port }): Finding[] => {
        const told = formatEndpoint({ address, port });
        if (['loopback', 'unusable'].includes(scopeOf(address)) && !isLoopback(own)) {
          return [
            finding(
              'error',
              `rtc.ice_host_override advertises ${address} for ${own}, at which users cannot reach this machine.`,
              'Set it to the address at which users reach this machine.',
            ),
          ];
        }
        const hasArrived = arrivals.some((one) => one.address === address && one.port === port && one.hasArrived);
        const seen = stun.filter(({ local, mapped }) => local.address === own && mapped).map(({ mapped }) => mapped!);
        if (hasArrived || seen.length === 0 || seen.some((mapped) => mapped.address === address)) return [];
        return [
          finding(
            'error',
            `rtc.ice_host_override advertises ${told}, but STUN servers see this machine at ${seen[0]!.address}, and a packet sent to ${told} did not come back here.`,
            `Set it to ${seen[0]!.address}. If users reach this machine through a load balancer at ${address}, make sure that it passes UDP on.`,
          ),
        ];
      }),
    );
}

/** Private addresses are right for users in the same network, and for no others. */
function privateOnly(
  outside: readonly AddressEntry[],
  { isContainer, isKubernetes }: Surroundings,
  isHostNetwork: boolean,
): Finding[] {
  const advertised = outside.flatMap((entry) => entry.advertised);
  if (advertised.some(({ address }) => scopeOf(address) !== 'private')) return [];
  const isReplaced = outside.some(({ reason }) => reason === 'host_override');
  if (isContainer && !isReplaced && !isHostNetwork) {
    return [
      finding(
        'error',
        `${listOf(outside)} is advertised, an address of this ${isKubernetes ? 'pod' : 'container'}, which users cannot reach.`,
        'Run it with the network of the host (docker run --network=host, hostNetwork: true), or publish the port and set rtc.ice_host_override to the address of the host.',
      ),
    ];
  }
  return [
    finding(
      'warning',
      `Only private addresses are advertised (${listOf(outside)}): users outside of this network cannot reach them.`,
      'If there are such users, set rtc.ice_host_override to the public address, or name a STUN server in rtc.ice_servers.',
    ),
  ];
}

/** Bridges and virtual interfaces of other containers are seen only from the host. */
export const sharesNetworkOfHost = (table: readonly AddressEntry[]): boolean =>
  table.some(({ interfaceName = '' }) => isOfContainers(interfaceName));
