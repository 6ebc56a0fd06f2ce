import type { Sender } from './connections.ts';

/** The open connections of each client. */
export class LiveConnections {
  /** Connection IDs in the order in which they opened. */
  readonly #clients = new Map<string, Set<string>>();

  add({ clientID, connID }: Sender): void {
    const connIDs = this.#clients.get(clientID);
    if (connIDs === undefined) {
      this.#clients.set(clientID, new Set([connID]));
    } else {
      connIDs.add(connID);
    }
  }

  remove({ clientID, connID }: Sender): void {
    const connIDs = this.#clients.get(clientID);
    connIDs?.delete(connID);
    if (connIDs?.size === 0) {
      this.#clients.delete(clientID);
    }
  }

  /** Newest first. Of two, the older is more likely to be one that has broken without a trace yet. */
  of(clientID: string): readonly string[] {
    return [...(this.#clients.get(clientID) ?? [])].reverse();
  }
}
