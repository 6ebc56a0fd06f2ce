import type { CallNetwork, HomeOptions, Place } from './call-network.ts';
import type { Host } from './host.ts';

/** A network that people call from. */
export interface Condition {
  /** Row in the table of docs/networks.md. */
  readonly name: string;
  /** Way that media takes from there. */
  readonly way: string;
  /** Plugs a host in. */
  plugIn(network: CallNetwork, host: Host): Promise<Place>;
}

const router =
  (options: HomeOptions): Condition['plugIn'] =>
  (network, host) =>
    network.plugIntoRouter(host, options);

const internet =
  (family: 'ipv4' | 'ipv6'): Condition['plugIn'] =>
  (network, host) =>
    network.plugIn(host, family);

/** Rate that is left to a throttled receiver: enough for voice. */
const THROTTLED_BPS = 100_000;

/** The rows of the table. */
export const CONDITIONS: readonly Condition[] = [
  { name: 'Public IPv4 address', way: 'UDP over IPv4', plugIn: internet('ipv4') },
  { name: 'Public IPv6 address, no IPv4', way: 'UDP over IPv6', plugIn: internet('ipv6') },
  { name: 'Full-cone NAT', way: 'UDP over IPv4', plugIn: router({ nat: 'full_cone' }) },
  { name: 'Port-restricted NAT', way: 'UDP over IPv4', plugIn: router({ nat: 'port_restricted' }) },
  { name: 'Symmetric NAT', way: 'UDP over IPv4', plugIn: router({ nat: 'symmetric' }) },
  { name: 'UDP blocked', way: 'TCP over IPv4', plugIn: router({ allowed: 'no_udp' }) },
  { name: 'Only TCP port 443 open', way: 'TCP over IPv4', plugIn: router({ allowed: 'only_tcp_443' }) },
  {
    name: 'MTU of 1,280 bytes, ICMP blocked',
    way: 'UDP over IPv4',
    plugIn: router({ mtu: 1_280, allowed: 'no_icmp' }),
  },
  { name: '10% loss each way', way: 'UDP over IPv4', plugIn: router({ lossPercent: 10 }) },
  {
    name: '150 ms delay each way, 30 ms jitter',
    way: 'UDP over IPv4',
    // Only UDP is delayed where the kernel cannot do it.
    plugIn: router({ allowed: 'no_tcp', delay: { delayMs: 150, jitterMs: 30 } }),
  },
  {
    name: '100 kbit/s to the peer',
    way: 'UDP over IPv4',
    plugIn: async (network, host) => {
      const place = await network.plugIntoRouter(host);
      await place.plug.limitIncoming(THROTTLED_BPS);
      return place;
    },
  },
];
