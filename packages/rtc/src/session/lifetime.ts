import { HANDSHAKE_LIMIT_MS } from '../dtls/dtls-owner.ts';
import type { RtcErrorType } from '../ports.ts';

const FIRST_OFFER_LIMIT_MS = 10_000;
/** From the first offer to the first check. Calls' clients give up after 15 s; a session without a peer holds memory for nothing. */
const FIRST_CHECK_LIMIT_MS = 20_000;
/** From the first offer to verified keys: as long as the handshake alone may take, which is long enough for both over the worst of networks. */
const CONNECT_LIMIT_MS = HANDSHAKE_LIMIT_MS;
/** From a goodbye to another handshake, with an offer and its answer in between. */
const TRANSPORT_AGAIN_LIMIT_MS = 5_000;

/** An event that a session waits for until it is connected, and the way it ends if the event does not happen. */
export interface Awaited {
  readonly event: 'offer' | 'check' | 'connection' | 'transport';
  readonly deadlineMs: number;
  readonly failure: string;
  readonly error?: RtcErrorType;
}

export const firstOffer = (nowMs: number): Awaited => ({
  event: 'offer',
  deadlineMs: nowMs + FIRST_OFFER_LIMIT_MS,
  failure: 'no offer from the peer within 10 s',
  error: 'signaling',
});

export const firstCheck = (nowMs: number): Awaited => ({
  event: 'check',
  deadlineMs: nowMs + FIRST_CHECK_LIMIT_MS,
  failure: 'no connectivity check from the peer within 20 s of the first offer',
  error: 'ice',
});

/** Follows the first check; the time counts from the first offer. */
export const connectionAfter = ({ deadlineMs }: Awaited): Awaited => connection(deadlineMs - FIRST_CHECK_LIMIT_MS);

export const connection = (nowMs: number): Awaited => ({
  event: 'connection',
  deadlineMs: nowMs + CONNECT_LIMIT_MS,
  failure: 'not connected within 30 s of the first offer',
  error: 'ice',
});

export const transportAgain = (nowMs: number, failure: string): Awaited => ({
  event: 'transport',
  deadlineMs: nowMs + TRANSPORT_AGAIN_LIMIT_MS,
  failure,
});
