import type { AddressInfo } from 'node:net';
import type { SfuLike } from './sfu.ts';

/** Where a running service is reached. */
export interface ServiceAddresses {
  readonly http: AddressInfo;
  /** Reaches the HTTP API from this machine. */
  readonly url: string;
  /** What the media sockets are bound to. */
  readonly media: SfuLike['localAddresses'];
  /** Where peers are told to send media. */
  readonly candidates: SfuLike['candidates'];
}
