import { RTCD, TURN } from './addresses.ts';

/** Kinds of network address translation, by the terms of RFC 3489 section 5. */
export type NatKind = 'full_cone' | 'port_restricted' | 'symmetric';

/** Traffic that a firewall lets out, and answers in. */
export type Allowed =
  | 'everything'
  | 'no_udp'
  | 'no_tcp'
  | 'only_tcp_443'
  | 'no_icmp'
  | 'not_rtcd'
  | 'only_turn_udp'
  | 'only_turn_tcp'
  | 'only_turn_host';

/** Names of a router's interfaces. */
export const OUTSIDE = 'outside';
export const INSIDE = 'inside';

/** Name of a counter of UDP datagrams from outside. */
export const FROM_OUTSIDE = 'from_outside';

/** Datagrams that go to a port of the router instead. */
export interface Redirect {
  readonly to: { readonly address: string; readonly port: number };
  readonly port: number;
}

export interface FirewallOptions {
  readonly nat: NatKind;
  /** IPv4 address of the host inside, to which a full cone passes whatever comes. */
  readonly insideHost: string;
  readonly allowed: Allowed;
  /** Part of the packets that is lost, in each direction. */
  readonly lossPercent: number;
  /** Relay on the router that gets what goes to its destination. */
  readonly relay: Redirect | undefined;
}

/** The rules of a router, for `nft`. */
export function firewallRules({ nat, insideHost, allowed, lossPercent, relay }: FirewallOptions): string {
  // Outgoing flows keep their port where it is free, so that all flows of a socket share one: the mapping depends on the destination only if it is random.
  const masquerade = nat === 'symmetric' ? 'masquerade random' : 'masquerade';
  const fullCone = `iifname ${OUTSIDE} meta l4proto udp dnat to ${insideHost}`;
  return `
table ip nat {
  chain prerouting {
    type nat hook prerouting priority dstnat
    ${nat === 'full_cone' ? fullCone : ''}
    ${relay ? `iifname ${INSIDE} ip daddr ${relay.to.address} udp dport ${relay.to.port} redirect to :${relay.port}` : ''}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat
    oifname ${OUTSIDE} ${masquerade}
  }
}
table inet filter {
  counter ${FROM_OUTSIDE} {}
  chain prerouting {
    type filter hook prerouting priority filter
    iifname ${OUTSIDE} meta l4proto udp counter name ${FROM_OUTSIDE}
  }
  chain forward {
    type filter hook forward priority filter
    ${lossPercent > 0 ? `numgen random mod 100 < ${lossPercent} drop` : ''}
    ${ALLOWED[allowed].join('\n    ')}
  }
  chain output {
    type filter hook output priority filter
    ${allowed === 'no_icmp' ? 'meta l4proto icmp drop' : ''}
  }
}
`;
}

const only = (rule: string) => ['ct state established,related accept', `${rule} accept`, 'drop'];

const ALLOWED: Readonly<Record<Allowed, readonly string[]>> = {
  everything: [],
  no_udp: ['meta l4proto udp drop'],
  no_tcp: ['meta l4proto tcp drop'],
  only_tcp_443: only('tcp dport 443'),
  no_icmp: ['meta l4proto icmp drop'],
  not_rtcd: [`ip daddr ${RTCD.ipv4} drop`],
  only_turn_udp: only(`ip daddr ${TURN.ipv4} udp dport ${TURN.port}`),
  only_turn_tcp: only(`ip daddr ${TURN.ipv4} tcp dport ${TURN.port}`),
  // The server relays from ports other than the one that takes requests.
  only_turn_host: only(`ip daddr ${TURN.ipv4}`),
};
