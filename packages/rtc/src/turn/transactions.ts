import { transactionKey } from '../stun/transaction-key.ts';
import type { TurnRequestMethod } from './attributes.ts';
import type { TurnFields } from './message.ts';

/** A request, apart from its credentials. */
export interface TurnRequest {
  readonly method: TurnRequestMethod;
  readonly fields: TurnFields;
}

/** A request that waits for its response. */
export interface Transaction extends TurnRequest {
  readonly id: Uint8Array;
  readonly bytes: Uint8Array;
  /** It carries credentials. */
  readonly isSigned: boolean;
  /** Challenges of the server that the request has answered, in transactions before this one. */
  readonly challenges: number;
}

interface Pending {
  readonly transaction: Transaction;
  transmissions: number;
  dueMs: number;
}

/** RFC 8489 section 6.2.1: first wait, requests sent at most, and the last wait as a multiple of the first. */
const RTO_MS = 500;
const MAX_REQUESTS = 7;
const LAST_WAIT = 16;
/** RFC 8489 section 6.2.2: wait for a response over TCP, which repeats by itself. */
const RELIABLE_WAIT_MS = 39_500;

/** Far above what a burst of joins makes. */
const MAX_PENDING = 1024;

/** Requests under way, which are repeated over UDP. */
export class Transactions {
  readonly #isReliable: boolean;
  readonly #transmit: (bytes: Uint8Array) => void;
  readonly #pending = new Map<string, Pending>();

  constructor(isReliable: boolean, transmit: (bytes: Uint8Array) => void) {
    this.#isReliable = isReliable;
    this.#transmit = transmit;
  }

  get isFull(): boolean {
    return this.#pending.size >= MAX_PENDING;
  }

  begin(transaction: Transaction, nowMs: number): void {
    const pending = { transaction, transmissions: 0, dueMs: nowMs };
    this.#pending.set(transactionKey(transaction.id), pending);
    this.#send(pending, nowMs);
  }

  find(id: Uint8Array): Transaction | undefined {
    return this.#pending.get(transactionKey(id))?.transaction;
  }

  end(id: Uint8Array): void {
    this.#pending.delete(transactionKey(id));
  }

  clear(): void {
    this.#pending.clear();
  }

  deadline(): number {
    let dueMs = Number.POSITIVE_INFINITY;
    // Asked after every packet, for most of which nothing is under way.
    if (this.#pending.size === 0) return dueMs;
    for (const pending of this.#pending.values()) dueMs = Math.min(dueMs, pending.dueMs);
    return dueMs;
  }

  /** Repeats what is due. Returns the requests without a response, which are over. */
  timeout(nowMs: number): Transaction[] {
    const lost: Transaction[] = [];
    for (const [key, pending] of this.#pending) {
      if (nowMs < pending.dueMs) continue;
      if (!this.#isReliable && pending.transmissions < MAX_REQUESTS) {
        this.#send(pending, nowMs);
      } else {
        this.#pending.delete(key);
        lost.push(pending.transaction);
      }
    }
    return lost;
  }

  #send(pending: Pending, nowMs: number): void {
    pending.dueMs = nowMs + this.#waitMs(pending.transmissions);
    pending.transmissions += 1;
    this.#transmit(pending.transaction.bytes);
  }

  #waitMs(transmissions: number): number {
    if (this.#isReliable) return RELIABLE_WAIT_MS;
    return RTO_MS * (transmissions === MAX_REQUESTS - 1 ? LAST_WAIT : 2 ** transmissions);
  }
}
