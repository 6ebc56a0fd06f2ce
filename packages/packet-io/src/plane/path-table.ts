import { PacketIoError } from '../errors.ts';
import type { KnownPath, PacketPaths, Path, PathId } from '../packet-path.ts';
import { checkPath } from './check-path.ts';
import { MAX_NUMBERED, NumberedTable } from './numbered-table.ts';

/**
 * Numbers for packets whose path is not held, used in turn. More than one batch of packets brings, so that each number is good
 * until its packet was handled.
 */
export const UNHELD_PATHS = 1024;

/** Held paths at a time, by default. */
const DEFAULT_MAX_PATHS = MAX_NUMBERED - UNHELD_PATHS;

/** Observer of the paths that callers hold and release. */
export interface PathListener {
  onHeld(id: PathId, path: KnownPath): void;
  /** The last hold has ended, and the path with it. Not called for `endPath`. */
  onReleased(id: PathId, path: KnownPath): void;
}

/** Other fields than those of `Path` are private, so that callers see a plain path. */
class Entry implements KnownPath {
  readonly local: number;
  readonly address: string;
  readonly port: number;
  #id: PathId = 0;
  #holds = 0;
  #hasEnded = false;

  constructor({ local, address, port }: Path) {
    this.local = local;
    this.address = address;
    this.port = port;
  }

  get id(): PathId {
    return this.#id;
  }

  set id(id: PathId) {
    this.#id = id;
  }

  get holds(): number {
    return this.#holds;
  }

  set holds(holds: number) {
    this.#holds = holds;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  end(): void {
    this.#hasEnded = true;
  }
}

/**
 * Gives paths their numbers. Only held paths can be found by their address. A packet from any other remote gets the next of a few
 * numbers that are used in turn, so that a flood from forged addresses neither fills the table nor ends a peer's path.
 */
export class PathTable implements PacketPaths {
  /** Set once, before the first path is held. */
  listener: PathListener | undefined;
  readonly #maxPaths: number;
  readonly #entries = new NumberedTable<Entry>();
  /** By address, then by local address and port: so that looking up makes no key. */
  readonly #held = new Map<string, Map<number, Entry>>();
  readonly #unheld: PathId[] = [];
  #turn = 0;
  #heldCount = 0;

  constructor(maxPaths = DEFAULT_MAX_PATHS) {
    this.#maxPaths = Math.min(maxPaths, DEFAULT_MAX_PATHS);
  }

  /** Number of the path that a packet came on. */
  arrive(local: number, address: string, port: number): PathId {
    const held = this.#held.get(address)?.get(portKey(local, port));
    if (held !== undefined) return held.id;
    const turn = this.#turn;
    this.#turn = (turn + 1) % UNHELD_PATHS;
    this.#forgetUnheld(this.#unheld[turn]);
    const { id } = this.#add({ local, address, port });
    this.#unheld[turn] = id;
    return id;
  }

  openPath(path: Path): PathId {
    checkPath(path);
    const open = this.#findHeld(path);
    if (open === undefined && this.#heldCount >= this.#maxPaths) {
      throw new PacketIoError('too_many_paths', `all ${this.#maxPaths} paths are in use: release some`);
    }
    return this.#hold(open ?? this.#add(path));
  }

  holdPath(id: PathId): PathId | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    const open = this.#findHeld(entry);
    if (open === undefined && this.#heldCount >= this.#maxPaths) return undefined;
    return this.#hold(open ?? entry);
  }

  releasePath(id: PathId): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.holds === 0) return;
    entry.holds--;
    if (entry.holds > 0) return;
    this.#end(entry);
    this.listener?.onReleased(id, entry);
  }

  /** Ends a path whatever holds it, as when its connection broke. False if it was not held. */
  endPath(id: PathId): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.holds === 0) return false;
    this.#end(entry);
    return true;
  }

  /** Ends all paths of one local address, and returns their numbers. */
  endPathsFrom(local: number): PathId[] {
    const entries = [...this.#held.values()].flatMap((ports) => [...ports.values()]);
    const ended = entries.filter((entry) => entry.local === local);
    for (const entry of ended) this.#end(entry);
    return ended.map(({ id }) => id);
  }

  pathOf(id: PathId): KnownPath | undefined {
    return this.#entries.get(id);
  }

  #add(path: Path): Entry {
    const entry = new Entry(path);
    entry.id = this.#entries.add(entry);
    return entry;
  }

  #findHeld({ local, address, port }: Path): Entry | undefined {
    return this.#held.get(address)?.get(portKey(local, port));
  }

  #hold(entry: Entry): PathId {
    entry.holds++;
    if (entry.holds > 1) return entry.id;
    const { local, address, port } = entry;
    let ports = this.#held.get(address);
    if (ports === undefined) {
      ports = new Map();
      this.#held.set(address, ports);
    }
    ports.set(portKey(local, port), entry);
    this.#heldCount++;
    this.listener?.onHeld(entry.id, entry);
    return entry.id;
  }

  #end(entry: Entry): void {
    const { id, local, address, port } = entry;
    entry.end();
    const ports = this.#held.get(address);
    ports?.delete(portKey(local, port));
    if (ports?.size === 0) this.#held.delete(address);
    this.#entries.delete(id);
    this.#heldCount--;
  }

  /** A number whose path was held meanwhile is no longer one of the few. */
  #forgetUnheld(id: PathId | undefined): void {
    const entry = id === undefined ? undefined : this.#entries.get(id);
    if (entry === undefined || entry.holds > 0) return;
    entry.end();
    this.#entries.delete(entry.id);
  }
}

const portKey = (local: number, port: number) => local * 65_536 + port;
