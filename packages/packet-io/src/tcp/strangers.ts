import { sourceNetwork } from '@rtcd/boundary';

/** Connections without a held path, from one network address; of IPv6, from one network of 64 bits. An office behind a NAT is one address. */
export const MAX_STRANGERS_PER_NETWORK = 200;
/** The same from everywhere. */
export const MAX_STRANGERS = 2_000;

/** Counts the connections whose path is not held: their peers have not authenticated themselves, or not yet. */
export class Strangers {
  readonly #byNetwork = new Map<string, number>();
  #count = 0;

  /** Counts one more from an address, unless that would be too many. */
  admit(address: string): boolean {
    const network = sourceNetwork(address);
    const before = this.#byNetwork.get(network) ?? 0;
    if (before >= MAX_STRANGERS_PER_NETWORK || this.#count >= MAX_STRANGERS) return false;
    this.#byNetwork.set(network, before + 1);
    this.#count++;
    return true;
  }

  /** A connection from that address has ended, or its path is held now. */
  leave(address: string): void {
    const network = sourceNetwork(address);
    const before = this.#byNetwork.get(network) ?? 0;
    if (before > 1) this.#byNetwork.set(network, before - 1);
    else this.#byNetwork.delete(network);
    this.#count--;
  }
}
