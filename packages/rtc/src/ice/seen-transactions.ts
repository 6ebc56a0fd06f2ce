import type { PathId } from '@rtcd/packet-io';
import { transactionKey } from '../stun/transaction-key.ts';

/** Checks that are remembered: at the pace of consent, those of the last five minutes; of a peer that probes many paths, some seconds. */
const MAX_REMEMBERED = 128;

/** The paths on which recent checks came first, by transaction id: a check that is sniffed and sent from elsewhere is known by it. */
export class SeenTransactions {
  /** In the order of arrival. */
  readonly #paths = new Map<string, PathId>();

  /** Path of the first check with this id; undefined if there was none, or too long ago. */
  pathOf(transactionId: Uint8Array): PathId | undefined {
    return this.#paths.get(transactionKey(transactionId));
  }

  add(transactionId: Uint8Array, path: PathId): void {
    if (this.#paths.size >= MAX_REMEMBERED) this.#paths.delete(this.#paths.keys().next().value!);
    this.#paths.set(transactionKey(transactionId), path);
  }

  clear(): void {
    this.#paths.clear();
  }
}
