import type { AddressInfo } from 'node:net';
import type { SfuLike } from './sfu.ts';

/** Addresses of a running service. */
export interface ServiceAddresses {
  readonly http: AddressInfo;
  /** Reaches the HTTP API from this machine. */
  readonly url: string;
  /** Addresses that the media sockets are bound to. */
  readonly media: SfuLike['localAddresses'];
  /** Addresses that are advertised to peers for media. */
  readonly candidates: SfuLike['candidates'];
}
