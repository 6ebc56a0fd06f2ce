import { Fifo } from './fifo.ts';
import { type Fragment, MESSAGE_OVERHEAD_BYTES } from './send-queue.ts';
import { tsnAdd, tsnAfter, tsnDistance } from './tsn.ts';
import { dataChunkBytes } from './wire/data.ts';
import type { Sack } from './wire/sack.ts';

// Section 7.2.4: missing in this many reports means lost.
const MISS_REPORTS = 3;

interface SentChunk {
  readonly fragment: Fragment;
  readonly tsn: number;
  state: 'in_flight' | 'lost' | 'acked';
  misses: number;
  /** The last TSN that had been sent when this chunk was: only news of later ones is about it. */
  sentBehind: number;
}

export interface SackOutcome {
  /** Bytes (headers included) that this SACK acknowledged for the first time. */
  readonly ackedBytes: number;
  readonly cumulativeAdvanced: boolean;
  /** Chunks were found lost by miss reports. */
  readonly loss: boolean;
  /** A round trip measured with a chunk that was sent only once. */
  readonly rttMs: number | undefined;
  /** Messages that are now finally acknowledged and whose senders wait for that. */
  readonly delivered: readonly Fragment[];
}

/** Chunks that have been sent and not yet finally acknowledged, in the order of TSNs (RFC 9260 sections 6.1, 6.3 and 7.2.4). */
export class RetransmissionQueue {
  // TSNs are contiguous, so a chunk's place is its distance from the cumulative TSN.
  readonly #chunks = new Fifo<SentChunk>();
  // Lost chunks in the order in which they go out again; those acknowledged meanwhile are passed over.
  readonly #lost = new Fifo<SentChunk>();
  #cumulativeTsn: number;
  #bufferedBytes = 0;
  #flightBytes = 0;
  #flightPayloadBytes = 0;
  // One chunk at a time is timed, and only if it is sent once (Karn's algorithm, section 6.3.1 rule C5).
  #timed: { readonly tsn: number; readonly sentAtMs: number } | undefined;

  constructor(initialTsn: number) {
    this.#cumulativeTsn = tsnAdd(initialTsn, -1);
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /** The peer has everything up to this TSN. */
  get cumulativeTsn(): number {
    return this.#cumulativeTsn;
  }

  /** The last TSN given to a chunk. */
  get lastAssignedTsn(): number {
    return tsnAdd(this.#cumulativeTsn, this.#chunks.length);
  }

  /** Reports whether this is the oldest TSN outstanding. */
  isFirst(tsn: number): boolean {
    return tsnDistance(this.#cumulativeTsn, tsn) === 1;
  }

  /** Bytes kept for chunks without an acknowledgement, overhead included. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** Chunk bytes on the path: what congestion control counts. */
  get flightBytes(): number {
    return this.#flightBytes;
  }

  /** User data on the path: what the peer's window counts. */
  get flightPayloadBytes(): number {
    return this.#flightPayloadBytes;
  }

  /** Assigns the next TSN to a fragment that goes out now for the first time. */
  sent(fragment: Fragment, nowMs: number): number {
    const tsn = tsnAdd(this.lastAssignedTsn, 1);
    this.#chunks.push({ fragment, tsn, state: 'in_flight', misses: 0, sentBehind: tsn });
    this.#bufferedBytes += fragment.payload.length + MESSAGE_OVERHEAD_BYTES;
    this.#fly(fragment, 1);
    this.#timed ??= { tsn, sentAtMs: nowMs };
    return tsn;
  }

  /** The lost chunk to be sent again first. */
  nextLost(): { readonly fragment: Fragment; readonly tsn: number } | undefined {
    for (let chunk = this.#lost.at(0); chunk !== undefined; chunk = this.#lost.at(0)) {
      if (chunk.state === 'lost') return chunk;
      this.#lost.shift();
    }
    return undefined;
  }

  /** Marks the chunk from `nextLost` as sent. */
  resent(): void {
    const chunk = this.#lost.shift();
    if (chunk === undefined) return;
    chunk.state = 'in_flight';
    chunk.misses = 0;
    chunk.sentBehind = this.lastAssignedTsn;
    this.#fly(chunk.fragment, 1);
    if (this.#timed?.tsn === chunk.tsn) this.#timed = undefined;
  }

  /** Nothing if the SACK is older than one before, or acknowledges what was never sent. */
  acknowledge(sack: Sack, inFastRecovery: boolean, nowMs: number): SackOutcome | undefined {
    const advance = tsnDistance(this.#cumulativeTsn, sack.cumulativeTsn);
    if (advance < 0 || advance > this.#chunks.length) return undefined;
    const timed = this.#timed;
    let ackedBytes = 0;
    const delivered: Fragment[] = [];
    for (let count = 0; count < advance; count += 1) {
      const chunk = this.#chunks.shift()!;
      ackedBytes += this.#ack(chunk);
      this.#bufferedBytes -= chunk.fragment.payload.length + MESSAGE_OVERHEAD_BYTES;
      if (chunk.fragment.onAcknowledged) delivered.push(chunk.fragment);
    }
    this.#cumulativeTsn = sack.cumulativeTsn;

    // Places in the queue: the first chunk behind the cumulative TSN has offset 1 and index 0.
    let newestReported = 0;
    let newestAcked = 0;
    for (const { start, end } of sack.gapBlocks) {
      const last = Math.min(end, this.#chunks.length);
      for (let offset = start; offset <= last; offset += 1) {
        const bytes = this.#ack(this.#chunks.at(offset - 1)!);
        if (bytes > 0) newestAcked = offset;
        ackedBytes += bytes;
        newestReported = offset;
      }
    }
    const cumulativeAdvanced = advance > 0;
    const loss = this.#countMisses(inFastRecovery && cumulativeAdvanced ? newestReported : newestAcked);
    const rttMs = timed !== undefined && this.#timed === undefined ? nowMs - timed.sentAtMs : undefined;
    return { ackedBytes, cumulativeAdvanced, loss, rttMs, delivered };
  }

  /**
   * T3-rtx expired: all that is outstanding is to be sent again. Gap blocks are only advice, so what they had acknowledged
   * counts as lost too, until the next SACK repeats it: that is how a peer that dropped it again is served.
   */
  loseAll(): void {
    this.#lost.clear();
    for (let index = 0; index < this.#chunks.length; index += 1) this.#lose(this.#chunks.at(index)!);
    this.#timed = undefined;
  }

  // Only TSNs below the newest one acknowledged count as missing (section 7.2.4, "highest TSN newly acknowledged"). One that was
  // sent again may be found lost again, but only by news of what was sent after that; the RFC would wait for T3-rtx.
  #countMisses(newestOffset: number): boolean {
    const newestTsn = tsnAdd(this.#cumulativeTsn, newestOffset);
    let loss = false;
    for (let offset = 1; offset < newestOffset; offset += 1) {
      const chunk = this.#chunks.at(offset - 1)!;
      if (chunk.state !== 'in_flight' || !tsnAfter(newestTsn, chunk.sentBehind)) continue;
      chunk.misses += 1;
      if (chunk.misses < MISS_REPORTS) continue;
      this.#lose(chunk);
      loss = true;
    }
    return loss;
  }

  #ack(chunk: SentChunk): number {
    if (chunk.state === 'acked') return 0;
    if (chunk.state === 'in_flight') this.#fly(chunk.fragment, -1);
    chunk.state = 'acked';
    if (this.#timed?.tsn === chunk.tsn) this.#timed = undefined;
    return dataChunkBytes(chunk.fragment.payload.length);
  }

  #lose(chunk: SentChunk): void {
    if (chunk.state === 'in_flight') this.#fly(chunk.fragment, -1);
    chunk.state = 'lost';
    chunk.misses = 0;
    this.#lost.push(chunk);
  }

  #fly(fragment: Fragment, direction: 1 | -1): void {
    this.#flightBytes += direction * dataChunkBytes(fragment.payload.length);
    this.#flightPayloadBytes += direction * fragment.payload.length;
  }
}
