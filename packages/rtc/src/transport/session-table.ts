import type { Path } from '@rtcd/packet-io';
import { localUfragOf } from '../stun/local-ufrag.ts';
import type { DatagramKind } from './demux.ts';
import { PathTable } from './path-table.ts';

/**
 * Whose datagram it is: by the ufrag that a connectivity check names, and for everything else by a remote address that has proved
 * to be the peer's. A peer may come back from the same address under another session: the last one to prove it has it.
 */
export class SessionTable<Owner> {
  readonly #byUfrag = new Map<string, Owner>();
  readonly #byPath = new PathTable<Owner>();
  readonly #owned = new Map<Owner, { readonly ufrags: Set<string>; readonly paths: Set<Path> }>();
  #strays = 0;

  /** Datagrams that were nobody's. */
  get strays(): number {
    return this.#strays;
  }

  /** Finds the owner of a datagram of the given kind. One of no protocol that we speak has none. */
  find(kind: DatagramKind, datagram: Buffer, path: Path): Owner | undefined {
    const owner = this.#ownerOf(kind, datagram, path);
    if (owner === undefined) this.#strays += 1;
    return owner;
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

  addPath(path: Path, owner: Owner): void {
    this.#byPath.set(path, owner);
    this.#owned.get(owner)?.paths.add(path);
  }

  removePath(path: Path, owner: Owner): void {
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

  #ownerOf(kind: DatagramKind, datagram: Buffer, path: Path): Owner | undefined {
    switch (kind) {
      case 'stun':
        return this.#byUfrag.get(localUfragOf(datagram) ?? '');
      case 'unknown':
        return undefined;
      default:
        return this.#byPath.get(path);
    }
  }
}
