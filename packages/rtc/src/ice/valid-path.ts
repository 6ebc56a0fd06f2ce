import type { Path, PathId } from '@rtcd/packet-io';
import type { PathChallenge } from './path-challenge.ts';

/** Without a check for this long, a path is no longer taken for alive: browsers send one every 2.5 s on a path that they use. */
export const STALE_AFTER_MS = 5_000;

/** Longer than the first checks of a browser take, so that it is not asked again for the path that it chooses from several. */
const PROOF_IS_RECENT_MS = 1_000;

/** Bytes that may go to an address for each one that came from there, before the peer has proved that it is there (RFC 9000 section 8.1). */
const AMPLIFICATION_LIMIT = 3;

/** Our socket and the peer's address, without its port. */
export type PathEnds = Pick<Path, 'local' | 'address'>;

/**
 * A path on which an authentic check came: the lite counterpart of a valid pair (RFC 8445 section 7.3.2). The check shows who sent it, but its source
 * address may be forged. The path is proven once the peer has answered a check of ours there.
 */
export class ValidPath {
  readonly path: PathId;
  readonly ends: PathEnds;
  /** The check's PRIORITY: the peer's own view of its side of the path. */
  priority = 0;
  lastCheckMs: number;
  /** Time when a check last carried USE-CANDIDATE; -Infinity if none did under the current credentials. */
  lastNominationMs = Number.NEGATIVE_INFINITY;
  /** Our check that is under way. */
  challenge: PathChallenge | undefined;
  #allowanceBytes = 0;
  #provenMs = Number.POSITIVE_INFINITY;

  constructor(path: PathId, ends: PathEnds, nowMs: number) {
    this.path = path;
    this.ends = ends;
    this.lastCheckMs = nowMs;
  }

  get isProven(): boolean {
    return this.#allowanceBytes === Number.POSITIVE_INFINITY;
  }

  get isNominated(): boolean {
    return this.lastNominationMs > Number.NEGATIVE_INFINITY;
  }

  /** The peer answered a check of ours: from now on there is no limit. */
  prove(nowMs: number): void {
    this.#provenMs = nowMs;
    this.#allowanceBytes = Number.POSITIVE_INFINITY;
  }

  /** Forgets a proof that is not recent: the peer may have left the address, and a copy of its checks may come from there. */
  doubt(nowMs: number): void {
    if (nowMs - this.#provenMs >= PROOF_IS_RECENT_MS) this.#allowanceBytes = 0;
  }

  /** Counts a datagram that came on the path. */
  credit(sizeBytes: number): void {
    this.#allowanceBytes += AMPLIFICATION_LIMIT * sizeBytes;
  }

  /** Reports whether a datagram may go out on the path, and counts it if so. */
  spend(sizeBytes: number): boolean {
    if (sizeBytes > this.#allowanceBytes) return false;
    this.#allowanceBytes -= sizeBytes;
    return true;
  }

  /** Silence for so long does not count. */
  excuse(excusedMs: number, nowMs: number): void {
    this.lastCheckMs = Math.min(nowMs, this.lastCheckMs + excusedMs);
  }

  isStale(nowMs: number): boolean {
    return nowMs - this.lastCheckMs >= STALE_AFTER_MS;
  }
}
