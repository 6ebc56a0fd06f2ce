import type { PathId } from '@rtcd/packet-io';
import { localUfragOf } from '../stun/local-ufrag.ts';
import { hasStunHeader, transactionIdOf } from '../stun/message.ts';
import { transactionKey } from '../stun/transaction-key.ts';
import type { TransportProtocol } from './demux.ts';

/**
 * Finds the session of a datagram: by the ufrag that a connectivity check names, by the transaction id of a STUN response, and for everything
 * else by the remote address. An address from which an authentic check came is its session's only while no other one has it: the source of a check
 * may be forged. A peer that proves to be there gets the address, and may return there under another session: the last one to prove it owns it.
 */
export class SessionTable<Owner> {
  readonly #byUfrag = new Map<string, Owner>();
  readonly #byTransaction = new Map<string, Owner>();
  readonly #byPath = new Map<PathId, Owner>();
  readonly #owned = new Map<Owner, Owned>();

  /** Finds the owner of a datagram of the given kind, undefined if it belongs to no session. */
  find(kind: TransportProtocol, datagram: Buffer, path: PathId): Owner | undefined {
    return kind === 'stun' ? this.#findByMessage(datagram) : this.#byPath.get(path);
  }

  /** The session of packets on a path. */
  ownerOf(path: PathId): Owner | undefined {
    return this.#byPath.get(path);
  }

  add(owner: Owner): void {
    this.#owned.set(owner, { ufrags: new Set(), transactions: new Set(), paths: new Set() });
  }

  addUfrag(ufrag: string, owner: Owner): void {
    this.#byUfrag.set(ufrag, owner);
    this.#owned.get(owner)?.ufrags.add(ufrag);
  }

  removeUfrag(ufrag: string, owner: Owner): void {
    this.#byUfrag.delete(ufrag);
    this.#owned.get(owner)?.ufrags.delete(ufrag);
  }

  /** The response to a request of ours is for its sender. */
  addTransaction(transactionId: Uint8Array, owner: Owner): void {
    const key = transactionKey(transactionId);
    this.#byTransaction.set(key, owner);
    this.#owned.get(owner)?.transactions.add(key);
  }

  removeTransaction(transactionId: Uint8Array, owner: Owner): void {
    const key = transactionKey(transactionId);
    this.#byTransaction.delete(key);
    this.#owned.get(owner)?.transactions.delete(key);
  }

  /** An authentic check came on a path. */
  claimPath(path: PathId, owner: Owner): void {
    if (!this.#byPath.has(path)) this.provePath(path, owner);
  }

  /** The peer of a session proved that it is at the path's address. */
  provePath(path: PathId, owner: Owner): void {
    this.#byPath.set(path, owner);
    this.#owned.get(owner)?.paths.add(path);
  }

  removePath(path: PathId, owner: Owner): void {
    if (this.#byPath.get(path) === owner) this.#byPath.delete(path);
    this.#owned.get(owner)?.paths.delete(path);
  }

  /** Forgets an owner with all that leads to it. */
  remove(owner: Owner): void {
    const owned = this.#owned.get(owner);
    for (const ufrag of owned?.ufrags ?? []) this.removeUfrag(ufrag, owner);
    for (const key of owned?.transactions ?? []) this.#byTransaction.delete(key);
    for (const path of owned?.paths ?? []) this.removePath(path, owner);
    this.#owned.delete(owner);
  }

  #findByMessage(datagram: Buffer): Owner | undefined {
    const ufrag = localUfragOf(datagram);
    if (ufrag !== undefined) return this.#byUfrag.get(ufrag);
    return hasStunHeader(datagram) ? this.#byTransaction.get(transactionKey(transactionIdOf(datagram))) : undefined;
  }
}

/** All that leads to an owner. */
interface Owned {
  readonly ufrags: Set<string>;
  readonly transactions: Set<string>;
  readonly paths: Set<PathId>;
}
