import { type MonotonicTimers, TokenBucket, type TokenRate } from '@rtcd/boundary';
import type { WsConnection } from './connection.ts';

interface Client {
  readonly connections: Set<WsConnection>;
  readonly budget: TokenBucket;
}

/** The connections of each client, and the budget that they share. */
export class Clients {
  readonly #work: TokenRate;
  readonly #clock: MonotonicTimers;
  readonly #clients = new Map<string, Client>();
  /** Clients without a connection whose budgets are not full: one that comes back must not have a new budget. */
  readonly #gone = new Set<string>();

  constructor(work: TokenRate, clock: MonotonicTimers) {
    this.#work = work;
    this.#clock = clock;
  }

  countOf(clientID: string): number {
    return this.#clients.get(clientID)?.connections.size ?? 0;
  }

  /** Bytes that wait on all connections of a client. */
  queuedBytesOf(clientID: string): number {
    let bytes = 0;
    for (const { queuedBytes } of this.#clients.get(clientID)?.connections ?? []) bytes += queuedBytes;
    return bytes;
  }

  /** The budget of a client that has a connection, or is about to. */
  budgetOf(clientID: string): TokenBucket {
    return this.#find(clientID).budget;
  }

  add(connection: WsConnection): void {
    this.#find(connection.clientID).connections.add(connection);
    this.#gone.delete(connection.clientID);
    this.#forgetGone();
  }

  remove(connection: WsConnection): void {
    const { clientID } = connection;
    const { connections } = this.#find(clientID);
    connections.delete(connection);
    if (connections.size === 0) this.#gone.add(clientID);
    this.#forgetGone();
  }

  #find(clientID: string): Client {
    let client = this.#clients.get(clientID);
    if (client === undefined) {
      client = { connections: new Set(), budget: new TokenBucket(this.#work, this.#clock.nowMs()) };
      this.#clients.set(clientID, client);
    }
    return client;
  }

  #forgetGone(): void {
    const nowMs = this.#clock.nowMs();
    for (const clientID of this.#gone) {
      if (this.#clients.get(clientID)?.budget.isFull(nowMs) === false) continue;
      this.#gone.delete(clientID);
      this.#clients.delete(clientID);
    }
  }
}
