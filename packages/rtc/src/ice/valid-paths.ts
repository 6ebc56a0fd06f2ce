import type { PathId } from '@rtcd/packet-io';

/** A path on which an authentic check came: the lite counterpart of a valid pair (RFC 8445 section 7.3.2). */
export interface ValidPath {
  readonly path: PathId;
  /** The check's PRIORITY: the peer's own view of its side of the path. */
  priority: number;
  lastCheckMs: number;
  /** Time when a check last carried USE-CANDIDATE; -Infinity if none did under the current credentials. */
  lastNominationMs: number;
}

/** Without a check for this long, a path is no longer taken for alive: browsers send one every 2.5 s on a path that they use. */
export const STALE_AFTER_MS = 5_000;
/** Without a check for this long, the peer has withdrawn its consent (RFC 7675 section 5.1). */
export const CONSENT_EXPIRES_AFTER_MS = 30_000;

/** A browser with several networks, two address families and a NAT or two stays below this. */
export const MAX_VALID_PATHS = 16;

/** A nomination younger than this yields only to one of a higher priority. */
const NOMINATION_HOLDS_MS = 1_000;

/** The paths to one peer: found by comparing, as they are few, and bounded, as the peer makes them. */
export class ValidPaths {
  readonly #all: ValidPath[] = [];

  get all(): readonly ValidPath[] {
    return this.#all;
  }

  find(id: PathId): ValidPath | undefined {
    return this.#all.find(({ path }) => path === id);
  }

  add(path: PathId, nowMs: number): ValidPath {
    const added = { path, priority: 0, lastCheckMs: nowMs, lastNominationMs: Number.NEGATIVE_INFINITY };
    this.#all.push(added);
    return added;
  }

  remove(path: ValidPath): void {
    this.#all.splice(this.#all.indexOf(path), 1);
  }

  /** Removes all of them, and returns them. */
  clear(): ValidPath[] {
    return this.#all.splice(0);
  }

  /** Makes room: removes what expired, and the stalest while there are too many; never `selected`. Returns what is gone. */
  evict(selected: ValidPath | undefined, nowMs: number): ValidPath[] {
    const oldestFirst = this.#all.filter((path) => path !== selected).sort((a, b) => a.lastCheckMs - b.lastCheckMs);
    const surplus = this.#all.length - MAX_VALID_PATHS;
    const gone = oldestFirst.filter(
      ({ lastCheckMs }, index) => index < surplus || nowMs - lastCheckMs >= CONSENT_EXPIRES_AFTER_MS,
    );
    for (const path of gone) this.remove(path);
    return gone;
  }

  /** Successor of a selected path that died: the alive one of the youngest nomination, or of the youngest check. */
  bestAlive(nowMs: number): ValidPath | undefined {
    const [best] = this.#all
      .filter((path) => !isStale(path, nowMs))
      .sort((a, b) => compare(b.lastNominationMs, a.lastNominationMs) || b.lastCheckMs - a.lastCheckMs);
    return best;
  }

  /** New credentials, new nominations. */
  forgetNominations(): void {
    for (const path of this.#all) path.lastNominationMs = Number.NEGATIVE_INFINITY;
  }
}

export function isStale({ lastCheckMs }: ValidPath, nowMs: number): boolean {
  return nowMs - lastCheckMs >= STALE_AFTER_MS;
}

/**
 * True if a path that was just checked becomes the selected one. Facing a lite agent, peers nominate one path at a time
 * and nominate another when they move over (RFC 8445 section 8.1.1), which may well be one of lower priority: Wi-Fi is
 * gone, cellular is left. But one that puts USE-CANDIDATE on every check means the path of the highest priority.
 */
export function takesOver(
  checked: ValidPath,
  nominated: boolean,
  selected: ValidPath | undefined,
  nowMs: number,
): boolean {
  if (selected === undefined || isStale(selected, nowMs)) return true;
  if (checked === selected || !nominated) return false;
  return checked.priority >= selected.priority || nowMs - selected.lastNominationMs >= NOMINATION_HOLDS_MS;
}

/** Subtraction gives NaN for two infinities. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
