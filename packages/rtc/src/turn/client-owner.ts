import type { TransportAddress } from '../stun/address.ts';

/** A transport address at the server that is ours. */
export interface TurnAllocation {
  /** Remotes reach us there. */
  readonly relayed: TransportAddress;
  /** Our own address, as the server sees it. */
  readonly mapped?: TransportAddress;
}

/** Reason for which there is no allocation, or no more. */
export interface TurnFailure {
  /** Error code of the server; missing if it did not answer. */
  readonly code?: number;
  readonly reason: string;
  /** The certificate of the server was not accepted: of an unknown issuer, for another name, or out of date. */
  readonly isUntrusted?: true;
}

export interface TurnClientOwner {
  /** Sends a message to the server. Borrowed until return. */
  transmit(message: Uint8Array): void;
  onAllocated(allocation: TurnAllocation, nowMs: number): void;
  /** There is no allocation, or no more: this client is done. */
  onFailed(failure: TurnFailure, nowMs: number): void;
  /** A datagram of a remote. Borrowed until return; it may be decrypted in place. */
  onData(data: Buffer, address: string, port: number): void;
}

/** Running totals of what was dropped. */
export interface TurnStats {
  /** Messages that are no ChannelData, and not STUN. */
  readonly malformed: number;
  /** Responses to no request, and data from no peer that has a permission. */
  readonly unexpected: number;
  /** Responses with a wrong signature, or without the one they need. */
  readonly unauthentic: number;
  /** Requests that the server has refused, or did not answer. */
  readonly refused: number;
  /** Datagrams that could not be sent: without an allocation, or too large; and requests when too many are under way. */
  readonly notSent: number;
}

/** Counters to begin with. */
export const NO_TURN_STATS: TurnStats = { malformed: 0, unexpected: 0, unauthentic: 0, refused: 0, notSent: 0 };

/** Adds up the counters of two clients. */
export const addTurnStats = (one: TurnStats, other: TurnStats): TurnStats => ({
  malformed: one.malformed + other.malformed,
  unexpected: one.unexpected + other.unexpected,
  unauthentic: one.unauthentic + other.unauthentic,
  refused: one.refused + other.refused,
  notSent: one.notSent + other.notSent,
});
