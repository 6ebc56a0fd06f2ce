import type { MediaWay } from '@rtcd/rtc';
import type { SelectedPair } from '../../interop/src/contract.ts';

/** The way that media takes, as one of its ends knows it. */
export interface SeenWay {
  readonly protocol: string;
  /** Address and port of rtcd, or of its relay. */
  readonly rtcd: string;
  readonly isRelayedByPeer: boolean;
  readonly isRelayedByRtcd: boolean;
}

/** The log of rtcd about the way of a session: `path` is `udp 203.0.113.100:5000 via 203.0.113.10:8443`. */
export interface LoggedWay {
  readonly path: string;
  readonly way: MediaWay;
}

/** The way by rtcd's log. */
export const loggedWay = ({ path, way }: LoggedWay): SeenWay => ({
  protocol: way.protocol,
  rtcd: path.slice(path.lastIndexOf(' ') + 1),
  isRelayedByPeer: way.remote === 'relay',
  isRelayedByRtcd: way.local === 'relay',
});

/** The way by `getStats` of the peer. */
export function reportedWay({ local, remote }: SelectedPair): SeenWay {
  const { address, port } = remote;
  return {
    protocol: remote.protocol,
    rtcd: address.includes(':') && !address.startsWith('[') ? `[${address}]:${port}` : `${address}:${port}`,
    isRelayedByPeer: local.candidateType === 'relay',
    isRelayedByRtcd: remote.candidateType === 'relay',
  };
}

/** The way in words: `UDP over IPv4, relay of the peer`. */
export const describeWay = ({ protocol, rtcd, isRelayedByPeer, isRelayedByRtcd }: SeenWay): string =>
  [
    `${protocol.toUpperCase()} over ${rtcd.startsWith('[') ? 'IPv6' : 'IPv4'}`,
    ...(isRelayedByPeer ? ['relay of the peer'] : []),
    ...(isRelayedByRtcd ? ['relay of rtcd'] : []),
  ].join(', ');
