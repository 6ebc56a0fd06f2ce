import type { Random } from '../ports.ts';
import { newTransactionId } from '../stun/binding.ts';
import { writeAttributes } from '../stun/write.ts';
import { TurnError, TurnMethod } from './attributes.ts';
import type { TurnFailure, TurnStats } from './client-owner.ts';
import type { TurnCredentials } from './credentials.ts';
import { LongTermCredentials } from './long-term-credentials.ts';
import { type TurnMessage, turnAttributes } from './message.ts';
import { type Transaction, Transactions, type TurnRequest } from './transactions.ts';

/** Nonces of a server that one request may use up. */
const MAX_CHALLENGES = 3;

export interface RequestsOptions {
  readonly credentials: TurnCredentials;
  /** Bytes to the server arrive, in order: requests are not repeated. */
  readonly isReliable: boolean;
  readonly random: Random;
}

export interface RequestsOwner {
  /** Sends a message to the server. Borrowed until return. */
  transmit(message: Uint8Array): void;
  onSuccess(request: TurnRequest, response: TurnMessage, nowMs: number): void;
  /** The server has refused the request, or did not answer; or too many others are under way. */
  onFailure(request: TurnRequest, failure: TurnFailure, nowMs: number): void;
}

/** Counts requests that failed, and responses that are ignored. */
export type RequestCounters = {
  -readonly [Name in keyof Pick<TurnStats, 'unexpected' | 'unauthentic' | 'refused' | 'notSent'>]: number;
};

/**
 * Requests to a TURN server, from the first transmission to the response: signed with the long-term credentials that the server asks for, and made
 * again with each nonce that it asks for (RFC 8489 section 9.2).
 */
export class Requests {
  readonly #owner: RequestsOwner;
  readonly #counters: RequestCounters;
  readonly #random: Random;
  readonly #credentials: LongTermCredentials;
  readonly #transactions: Transactions;

  constructor({ credentials, isReliable, random }: RequestsOptions, counters: RequestCounters, owner: RequestsOwner) {
    this.#owner = owner;
    this.#counters = counters;
    this.#random = random;
    this.#credentials = new LongTermCredentials(credentials);
    this.#transactions = new Transactions(isReliable, (bytes) => owner.transmit(bytes));
  }

  /** Sends a request. Those about peers fail if too many are under way; the few about the allocation itself always pass. */
  send(request: TurnRequest, nowMs: number): void {
    if (this.#transactions.isFull && request.fields.xorPeerAddress) {
      this.#counters.notSent++;
      this.#failed(request, { reason: 'too many requests under way' }, nowMs);
    } else {
      this.#begin(request, nowMs);
    }
  }

  /** A response with its bytes, borrowed until return. */
  receive(response: TurnMessage, bytes: Buffer, nowMs: number): void {
    const transaction = this.#transactions.find(response.transactionId);
    const isExpected = transaction !== undefined && TurnMethod[transaction.method] === response.method;
    if (!isExpected || response.unknownRequired.length > 0) {
      this.#counters.unexpected++;
    } else if (!this.#isAuthentic(response, bytes)) {
      this.#counters.unauthentic++;
    } else if (response.messageClass === 'success' && isUsable(transaction, response)) {
      this.#transactions.end(transaction.id);
      this.#owner.onSuccess(transaction, response, nowMs);
    } else if (response.messageClass === 'error' && response.errorCode) {
      this.#refused(transaction, response, response.errorCode, nowMs);
    } else {
      this.#counters.unexpected++;
    }
  }

  /** Time when `timeout` has something to do; Infinity if never. */
  deadline(): number {
    return this.#transactions.deadline();
  }

  timeout(nowMs: number): void {
    for (const lost of this.#transactions.timeout(nowMs)) this.#failed(lost, { reason: 'no response' }, nowMs);
  }

  /** Forgets all that is under way. */
  clear(): void {
    this.#transactions.clear();
  }

  #begin({ method, fields }: TurnRequest, nowMs: number, challenges = 0): void {
    const id = newTransactionId(this.#random);
    const { key, hash } = this.#credentials;
    const bytes = writeAttributes(
      { messageClass: 'request', method: TurnMethod[method], transactionId: id },
      [...turnAttributes(fields, id), ...this.#credentials.attributes()],
      key,
      hash,
    );
    this.#transactions.begin({ method, fields, id, bytes, challenges, isSigned: key !== undefined }, nowMs);
  }

  /** A success is signed once the server has asked for credentials. An error may come without, as the server may not know the user (RFC 8489 section 9.2.4). */
  #isAuthentic(response: TurnMessage, bytes: Buffer): boolean {
    if (this.#credentials.key === undefined) return true;
    const isSigned = response.integrityOffset >= 0 || response.integritySha256Offset >= 0;
    if (response.messageClass === 'error' && !isSigned) return true;
    return this.#credentials.verify(response, bytes);
  }

  #refused(
    transaction: Transaction,
    response: TurnMessage,
    { code, reason }: NonNullable<TurnMessage['errorCode']>,
    nowMs: number,
  ): void {
    this.#transactions.end(transaction.id);
    const { challenges } = transaction;
    // An error 401 to a request with credentials means that these are wrong.
    const asksAgain =
      (code === TurnError.unauthenticated && !transaction.isSigned) ||
      (code === TurnError.staleNonce && challenges < MAX_CHALLENGES);
    if (asksAgain && this.#credentials.take(response)) this.#begin(transaction, nowMs, challenges + 1);
    else this.#failed(transaction, { code, reason: reason || `error ${code}` }, nowMs);
  }

  #failed(request: TurnRequest, failure: TurnFailure, nowMs: number): void {
    this.#counters.refused++;
    this.#owner.onFailure(request, failure, nowMs);
  }
}

/** An allocation has an address that remotes can send to, and lasts. */
const isUsable = ({ method }: TurnRequest, { xorRelayedAddress, lifetimeSeconds }: TurnMessage): boolean =>
  method !== 'allocate' || (xorRelayedAddress !== undefined && xorRelayedAddress.port > 0 && lifetimeSeconds !== 0);
