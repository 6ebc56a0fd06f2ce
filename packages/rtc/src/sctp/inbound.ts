import { type Message, Reassembly, type ReassemblyResult } from './reassembly.ts';
import { MAX_DUPLICATES, MAX_RANGES, ReceivedTsns } from './received-tsns.ts';
import { tsnAdd } from './tsn.ts';
import type { DataChunk } from './wire/data.ts';
import type { ForwardTsn } from './wire/forward-tsn.ts';
import { encodeSack } from './wire/sack.ts';

// RFC 9260 section 6.2 allows 200 ms; an answer within this time takes the SACK along.
const SACK_DELAY_MS = 100;
const MAX_PACKETS_PER_SACK = 2;

/** The largest SACK that `takeSack` gives. */
export const MAX_SACK_BYTES = 16 + 4 * (MAX_RANGES + MAX_DUPLICATES);

export interface InboundOptions {
  /** The peer's. */
  readonly initialTsn: number;
  /** Streams that the peer may use. */
  readonly streams: number;
  readonly windowBytes: number;
  readonly maxMessageBytes: number;
  readonly deliver: (message: Message, nowMs: number) => void;
}

/** `dropped` was not acknowledged and will come again; those after it end the association. */
export type InboundResult = 'ok' | 'invalid_stream' | 'dropped' | 'out_of_resource' | Exclude<ReassemblyResult, 'ok'>;

/** The receiving half of an association: what has arrived, what is kept, and when to acknowledge (RFC 9260 sections 6.2 and 6.5 to 6.9). */
export class Inbound {
  readonly #options: InboundOptions;
  readonly #tsns: ReceivedTsns;
  readonly #reassembly: Reassembly;
  #duplicates = 0;
  #packetsSinceSack = 0;
  #sackAtMs = Number.POSITIVE_INFINITY;

  constructor(options: InboundOptions) {
    this.#options = options;
    this.#tsns = new ReceivedTsns(options.initialTsn);
    this.#reassembly = new Reassembly(options.maxMessageBytes, options.deliver);
  }

  get cumulativeTsn(): number {
    return this.#tsns.cumulative;
  }

  /** Bytes kept, overhead included. */
  get bufferedBytes(): number {
    return this.#reassembly.bufferedBytes;
  }

  get duplicates(): number {
    return this.#duplicates;
  }

  /** Time when a SACK is due. */
  get sackAtMs(): number {
    return this.#sackAtMs;
  }

  onData(chunk: DataChunk, nowMs: number): InboundResult {
    if (this.#tsns.isDuplicate(chunk.tsn)) {
      this.#duplicates += 1;
      this.#sackAtMs = 0;
      return 'ok';
    }
    const room = this.#room(chunk);
    if (room !== 'ok') return room;
    const hadGaps = this.#tsns.hasGaps;
    if (!this.#tsns.add(chunk.tsn)) return 'dropped';
    // Section 6.7: gaps are reported at once, and so is the filling of one.
    if (hadGaps || this.#tsns.hasGaps || chunk.immediate) this.#sackAtMs = 0;
    if (chunk.streamId >= this.#options.streams) return 'invalid_stream';
    return this.#isOrphan(chunk) ? 'ok' : this.#reassembly.add(chunk, nowMs);
  }

  /** A packet with DATA has been processed: every second one is acknowledged at once, others after a short while (section 6.2). */
  onDataPacket(nowMs: number): void {
    this.#packetsSinceSack += 1;
    const atMs = this.#packetsSinceSack >= MAX_PACKETS_PER_SACK ? nowMs : nowMs + SACK_DELAY_MS;
    this.#sackAtMs = Math.min(this.#sackAtMs, atMs);
  }

  onForwardTsn(forward: ForwardTsn, nowMs: number): void {
    // Also if it is old: then the SACK that reported it was lost (RFC 3758 section 3.6).
    this.#sackAtMs = 0;
    if (!this.#tsns.skipTo(forward.newCumulativeTsn)) return;
    const streams = forward.streams.filter(({ streamId }) => streamId < this.#options.streams);
    this.#reassembly.skipTo(forward.newCumulativeTsn, streams, nowMs);
  }

  resetStreams(streamIds: readonly number[]): void {
    this.#reassembly.resetStreams(streamIds);
  }

  /** The SACK to be sent now. */
  takeSack(): Buffer {
    this.#packetsSinceSack = 0;
    this.#sackAtMs = Number.POSITIVE_INFINITY;
    return encodeSack({
      cumulativeTsn: this.#tsns.cumulative,
      receiverWindowBytes: Math.max(0, this.#options.windowBytes - this.bufferedBytes),
      gapBlocks: this.#tsns.gapBlocks(),
      duplicateTsns: this.#tsns.takeDuplicates(),
    });
  }

  // Part of a message of which another part came and was not kept: nothing will ever make it whole, so it is not kept either.
  #isOrphan({ tsn, begin, end }: DataChunk): boolean {
    const before = tsnAdd(tsn, -1);
    const after = tsnAdd(tsn, 1);
    if (!begin && this.#tsns.has(before) && !this.#reassembly.keepsUpTo(before)) return true;
    return !end && this.#tsns.has(after) && !this.#reassembly.keepsFrom(after);
  }

  /**
   * Beyond the announced window only the very next chunk is taken: it may complete a message and so make room. It cannot
   * continue like that without end: only an attack on our memory has more than one message to send that way.
   */
  #room(chunk: DataChunk): 'ok' | 'dropped' | 'out_of_resource' {
    const { windowBytes, maxMessageBytes } = this.#options;
    const bufferedBytes = this.bufferedBytes + Reassembly.costBytes(chunk);
    if (bufferedBytes <= windowBytes) return 'ok';
    if (chunk.tsn !== tsnAdd(this.#tsns.cumulative, 1)) return 'dropped';
    return bufferedBytes <= windowBytes + 2 * maxMessageBytes ? 'ok' : 'out_of_resource';
  }
}
