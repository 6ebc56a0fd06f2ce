import type { CallNetwork, CallNetworkOptions, HomeOptions, Place } from './call-network.ts';
import type { HeadlessWay } from './callers.ts';
import type { Host } from './host.ts';
import { type IceServer, STUN_SERVER, turnServer } from './ice-servers.ts';
import type { Kind } from './kinds.ts';

/** A network that people call from. */
export interface Condition {
  /** Row in the table of docs/networks.md. */
  readonly name: string;
  /** Way that media takes from there. */
  readonly way: string;
  /** Servers that the peer's application hands to it. None by default. */
  readonly iceServers?: readonly IceServer[];
  /** Default: UDP. */
  readonly headlessWay?: HeadlessWay;
  /** They show their cameras as well: their packets are larger than those of voices. Default false. */
  readonly hasVideo?: boolean;
  /** Kinds of participants that can call from there. Default: all. */
  readonly kinds?: readonly Kind[];
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

/** Rows in which media goes directly to an rtcd that has IPv4 and IPv6. */
const DIRECT_WAYS: readonly Condition[] = [
  { name: 'Public IPv4 address', way: 'UDP over IPv4', plugIn: internet('ipv4') },
  { name: 'Public IPv6 address, no IPv4', way: 'UDP over IPv6', plugIn: internet('ipv6') },
  { name: 'Full-cone NAT', way: 'UDP over IPv4', plugIn: router({ nat: 'full_cone' }) },
  { name: 'Port-restricted NAT', way: 'UDP over IPv4', plugIn: router({ nat: 'port_restricted' }) },
  { name: 'Symmetric NAT', way: 'UDP over IPv4', plugIn: router({ nat: 'symmetric' }) },
  {
    name: 'UDP blocked',
    way: 'TCP over IPv4',
    headlessWay: 'tcp',
    plugIn: router({ allowed: 'no_udp' }),
  },
  {
    name: 'Only TCP port 443 open',
    way: 'TCP over IPv4',
    headlessWay: 'tcp',
    plugIn: router({ allowed: 'only_tcp_443' }),
  },
  {
    name: 'MTU of 1,280 bytes, ICMP blocked, with video',
    way: 'UDP over IPv4',
    hasVideo: true,
    plugIn: router({ mtu: 1_280, allowed: 'no_icmp' }),
  },
  {
    name: '10% loss each way',
    way: 'UDP over IPv4', // Over TCP, a browser could be faster if the first checks are lost.
    plugIn: router({ allowed: 'no_tcp', lossPercent: 10 }),
  },
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

/** Rows in which nothing but a TURN server helps. */
const RELAYED_WAYS: readonly Condition[] = [
  {
    name: 'Only a TURN server open, over UDP',
    way: 'UDP over IPv4, relay of the peer',
    iceServers: [turnServer('udp')],
    kinds: ['Chromium', 'Firefox'],
    plugIn: router({ allowed: 'only_turn_udp' }),
  },
  {
    name: 'Only a TURN server open, over TCP',
    way: 'UDP over IPv4, relay of the peer',
    iceServers: [turnServer('tcp')],
    kinds: ['Chromium', 'Firefox'],
    plugIn: router({ allowed: 'only_turn_tcp' }),
  },
  {
    name: 'rtcd blocked, the peer has a TURN server',
    way: 'UDP over IPv4, relay of the peer',
    iceServers: [turnServer('udp')],
    kinds: ['Chromium', 'Firefox'],
    plugIn: router({ allowed: 'not_rtcd' }),
  },
  {
    name: 'rtcd blocked, only rtcd has a TURN server',
    way: 'UDP over IPv4, relay of rtcd',
    iceServers: [STUN_SERVER],
    plugIn: router({ allowed: 'only_turn_host' }),
  },
];

/** Calls with an rtcd that is set up in the same way. */
export interface ConditionGroup {
  readonly rtcd: CallNetworkOptions;
  readonly conditions: readonly Condition[];
}

/** The rows of the table. */
export const CONDITION_GROUPS: readonly ConditionGroup[] = [
  { rtcd: {}, conditions: DIRECT_WAYS },
  { rtcd: { hasTurn: true }, conditions: RELAYED_WAYS },
  {
    rtcd: { families: 'only_ipv6', hasTurn: true },
    conditions: [
      {
        name: 'rtcd without IPv4, peer with IPv6',
        way: 'UDP over IPv6',
        kinds: ['Headless'],
        plugIn: internet('ipv6'),
      },
      {
        name: 'rtcd without IPv4, peer without IPv6',
        kinds: ['Headless'],
        way: 'UDP over IPv4, relay of rtcd',
        iceServers: [STUN_SERVER],
        plugIn: router({}),
      },
    ],
  },
  {
    rtcd: { tls: true },
    conditions: [
      {
        name: 'Only TLS on TCP port 443 open',
        way: 'TCP over IPv4',
        headlessWay: 'tls',
        kinds: ['Headless'],
        plugIn: router({ allowed: 'only_tcp_443' }),
      },
    ],
  },
];

export const CONDITIONS: readonly Condition[] = CONDITION_GROUPS.flatMap(({ conditions }) => conditions);

/** Returns whether participants of a kind can call from there. */
export const isFor = ({ kinds }: Condition, kind: Kind): boolean => kinds === undefined || kinds.includes(kind);
