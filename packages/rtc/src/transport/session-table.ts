import type { PathId } from '@rtcd/packet-io';
import { localUfragOf } from '../stun/local-ufrag.ts';
import type { TransportProtocol } from './demux.ts';

/**
 * Finds the session of a datagram: by the ufrag that a connectivity check names, and for everything else by a remote address that has proved
 * to be the peer's. A peer may return from the same address under another session: the last one to prove the address owns it.
 */
export class SessionTable<Owner> {
  readonly #byUfrag = new Map<string, Owner>();
  readonly #byPath = new Map<PathId, Owner>();
  readonly #owned = new Map<Owner, { readonly ufrags: Set<string>; readonly paths: Set<PathId> }>();
  #strays = 0;

  /** Datagrams of no session. */
  get strays(): number {
    return this.#strays;
  }

  /** Finds the owner of a datagram of the given kind. */
  find(kind: TransportProtocol, datagram: Buffer, path: PathId): Owner | undefined {
    const owner = kind === 'stun' ? this.#byUfrag.get(localUfragOf(datagram) ?? '') : this.#byPath.get(path);
    if (owner === undefined) this.#strays += 1;
    return owner;
  }

  /** The last owner to prove that a path is its own. */
  ownerOf(path: PathId): Owner | undefined {
    return this.#byPath.get(path);
  }

  add(owner: Owner): void {
    this.#owned.set(owner, { ufrags: new Set(), paths: new Set() });
  }

  addUfrag(ufrag: string, owner: Owner): void {
    this.#byUfrag.set(ufrag, owner);
    this.#owned.get(owner)?.ufrags.add(ufrag);
  }

  removeUfrag(ufrag: string, owner: Owner): void {
    this.#byUfrag.delete(ufrag);
    this.#owned.get(owner)?.ufrags.delete(ufrag);
  }

  addPath(path: PathId, owner: Owner): void {
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
    for (const path of owned?.paths ?? []) this.removePath(path, owner);
    this.#owned.delete(owner);
  }
}
