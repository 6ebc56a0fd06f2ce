import type { PathId } from '@rtcd/packet-io';
import { type PathEnds, ValidPath } from './valid-path.ts';

/** Without a check for this long, the peer has withdrawn its consent (RFC 7675 section 5.1). */
export const CONSENT_EXPIRES_AFTER_MS = 30_000;

/** A browser with several networks, two address families and a NAT or two stays below this. */
export const MAX_VALID_PATHS = 16;

/** A nomination younger than this yields only to one of a higher priority. */
const NOMINATION_HOLDS_MS = 1_000;

/** First checks of several paths, and their retransmissions, come within this time. */
const CHECKS_OVERLAP_MS = 1_000;

/** The paths to one peer: found by comparing, as they are few, and bounded, as the peer makes them. */
export class ValidPaths {
  readonly #all: ValidPath[] = [];

  get all(): readonly ValidPath[] {
    return this.#all;
  }

  find(id: PathId): ValidPath | undefined {
    return this.#all.find(({ path }) => path === id);
  }

  add(path: PathId, ends: PathEnds, nowMs: number): ValidPath {
    const added = new ValidPath(path, ends, nowMs);
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

  /**
   * Makes room: removes what expired, and while there are too many, the stalest, those that are not proven first; never the selected one or the one
   * that was just checked. Returns what is gone.
   */
  evict(selected: ValidPath | undefined, checked: ValidPath, nowMs: number): ValidPath[] {
    const leastFirst = this.#all
      .filter((path) => path !== selected && path !== checked)
      .sort((a, b) => Number(a.isProven) - Number(b.isProven) || a.lastCheckMs - b.lastCheckMs);
    const surplus = this.#all.length - MAX_VALID_PATHS;
    const gone = leastFirst.filter(
      ({ lastCheckMs }, index) => index < surplus || nowMs - lastCheckMs >= CONSENT_EXPIRES_AFTER_MS,
    );
    for (const path of gone) this.remove(path);
    return gone;
  }

  /** Successor of a selected path that died: the alive one that is proven, of the youngest nomination, of the youngest check, in this order. */
  bestAlive(nowMs: number): ValidPath | undefined {
    const [best] = this.#all
      .filter((path) => !path.isStale(nowMs))
      .sort(
        (a, b) =>
          Number(b.isProven) - Number(a.isProven) ||
          compare(b.lastNominationMs, a.lastNominationMs) ||
          b.lastCheckMs - a.lastCheckMs,
      );
    return best;
  }

  /** New credentials, new nominations. */
  forgetNominations(): void {
    for (const path of this.#all) path.lastNominationMs = Number.NEGATIVE_INFINITY;
  }
}

/**
 * True if a path that was just checked, or just proven, becomes the selected one. Facing a lite agent, peers nominate one path at a time
 * and nominate another when they move over (RFC 8445 section 8.1.1), which may well be one of lower priority: Wi-Fi is
 * gone, cellular is left. But one that puts USE-CANDIDATE on every check means the path of the highest priority. A path that is not proven, whose
 * source address may be forged, yields to any that is, and never displaces one.
 */
export function takesOver(
  candidate: ValidPath,
  isNominated: boolean,
  selected: ValidPath | undefined,
  nowMs: number,
): boolean {
  if (selected === undefined) return true;
  if (candidate === selected) return false;
  if (candidate.isProven !== selected.isProven) return candidate.isProven;
  if (selected.isStale(nowMs)) return true;
  if (!isNominated) return false;
  return candidate.priority >= selected.priority || nowMs - selected.lastNominationMs >= NOMINATION_HOLDS_MS;
}

/**
 * True if a path that was just checked, or just proven, is the selected one under another port, which a NAT on the way has assigned. A peer does not
 * learn of that, and nominates again only if all its checks do; those of Firefox and pion do not. But a socket of the peer has the same priority
 * in all its checks (RFC 8445 section 7.1.1), and they come from the new port and no longer from the old one.
 */
export function isRebound(candidate: ValidPath, selected: ValidPath, nowMs: number): boolean {
  return (
    selected.isNominated &&
    candidate.priority === selected.priority &&
    candidate.ends.local === selected.ends.local &&
    candidate.ends.address === selected.ends.address &&
    candidate.lastCheckMs > selected.lastCheckMs &&
    nowMs - selected.lastCheckMs >= CHECKS_OVERLAP_MS
  );
}

/** Subtraction gives NaN for two infinities. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
