/** Time for a packet that was overtaken to arrive by itself. */
const REORDERING_MS = 10;
/** Round-trip time until one is known. */
const DEFAULT_ROUND_TRIP_MS = 100;
/** Bounds on the time between two requests for a packet. Senders answer a request once per round trip, and the answer takes one. */
const MIN_RETRY_MS = 20;
const MAX_RETRY_MS = 500;
const MAX_TRIES = 10;
/** A packet that is missing for longer is of no use: receivers have asked for a key frame by then. */
const MAX_AGE_MS = 3_000;
/** Missing packets of one source, about two seconds of a screen at 2.5 Mbit/s. With more, a key frame is the smaller repair. */
const MAX_MISSING = 500;

interface MissingPacket {
  readonly sinceMs: number;
  dueMs: number;
  tries: number;
}

/**
 * Decides which packets of one source to ask for again (RFC 4585 section 6.2.1). Packets are named by their index over all wraps.
 * One that arrives in a retransmission stream is a packet like any other here, under its original index.
 */
export class NackGenerator {
  /** Ascending: only packets behind the highest one are added. */
  readonly #missing = new Map<number, MissingPacket>();
  #highestIndex: number | undefined;
  #nextMs = Number.POSITIVE_INFINITY;

  /** Packets that are missing and still asked for. */
  get missing(): number {
    return this.#missing.size;
  }

  /** Takes note of an arrival. Returns false if too much is missing to ask for it: only a key frame helps. */
  received(index: number, nowMs: number): boolean {
    const highest = this.#highestIndex ?? index;
    if (index <= highest) {
      this.#missing.delete(index);
      this.#highestIndex = highest;
      return true;
    }
    this.#highestIndex = index;
    if (index - highest === 1) return true;
    if (this.#missing.size + index - highest - 1 > MAX_MISSING) {
      this.#missing.clear();
      return false;
    }
    const dueMs = nowMs + REORDERING_MS;
    for (let gap = highest + 1; gap < index; gap++) this.#missing.set(gap, { sinceMs: nowMs, dueMs, tries: 0 });
    this.#nextMs = Math.min(this.#nextMs, dueMs);
    return true;
  }

  /** Time when `takeDue` next has something to do. */
  deadline(): number {
    return this.#missing.size === 0 ? Number.POSITIVE_INFINITY : this.#nextMs;
  }

  /** Returns the sequence numbers to ask for now, ascending, and takes note that they are. */
  takeDue(nowMs: number, roundTripMs = DEFAULT_ROUND_TRIP_MS): number[] {
    const due: number[] = [];
    if (nowMs < this.deadline()) return due;
    const retryMs = Math.min(MAX_RETRY_MS, Math.max(MIN_RETRY_MS, roundTripMs));
    this.#nextMs = Number.POSITIVE_INFINITY;
    for (const [index, packet] of this.#missing) {
      if (packet.dueMs <= nowMs) {
        if (packet.tries === MAX_TRIES || nowMs - packet.sinceMs > MAX_AGE_MS) {
          this.#missing.delete(index);
          continue;
        }
        packet.tries++;
        packet.dueMs = nowMs + retryMs;
        due.push(index % 0x1_0000);
      }
      this.#nextMs = Math.min(this.#nextMs, packet.dueMs);
    }
    return due;
  }
}
