import { createTurnCredentials } from '@rtcd/rtc';
import { TURN } from './addresses.ts';

/** A STUN or TURN server, as `RTCPeerConnection` takes it. */
export interface IceServer {
  readonly urls: string;
  readonly username?: string;
  readonly credential?: string;
}

/** Secret that rtcd, the TURN server, and the application that hands out credentials share. */
export const TURN_SECRET = 'north';

/** A URL of the TURN server of the network. */
export const turnUrl = (transport: 'udp' | 'tcp', family: 'ipv4' | 'ipv6' = 'ipv4'): string =>
  `turn:${family === 'ipv4' ? TURN.ipv4 : `[${TURN.ipv6}]`}:${TURN.port}?transport=${transport}`;

/** The TURN server with credentials for a peer. */
export const turnServer = (transport: 'udp' | 'tcp'): IceServer => ({
  urls: turnUrl(transport),
  ...createTurnCredentials({ secret: TURN_SECRET, user: 'peer' }),
});

/** The same server without TURN: it tells a peer its public address. */
export const STUN_SERVER: IceServer = { urls: `stun:${TURN.ipv4}:${TURN.port}` };
