import type { PacketHistory } from '../../rtp/packet-history.ts';
import { MAX_HEADER_BYTES, USUAL_HEADER_BYTES } from './fan-out.ts';

const WAITING = Number.POSITIVE_INFINITY;

/**
 * The last packets of one outgoing stream: header and prefix of each, byte for byte, and where its payload is. A packet that is
 * sent again is then the same packet, and no index under the receiver's keys has a second content (RFC 3711 section 9.1). The bytes are in one
 * ring: if many headers are long, the oldest ones are not kept. `find` leaves its result in the object's fields, so that nothing is made per packet.
 */
export class SentLog {
  /** Buffer of headers, including that of the packet that was found, with its prefix behind it. */
  readonly headers: Buffer;
  headerOffset = 0;
  headerLength = 0;
  prefixLength = 0;
  /** Bytes of the payload that the prefix replaces. */
  replacedLength = 0;
  /** Location of the payload of the packet that was found: its source's history, and the number in there. */
  history: PacketHistory;
  number = 0;
  /** Time when the packet that was found was last sent again. */
  resentMs = 0;

  readonly #packets: number;
  /** Per index modulo `#packets`. */
  readonly #indices: Float64Array;
  /** Position of each header in all that was ever written. */
  readonly #positions: Float64Array;
  readonly #histories: PacketHistory[];
  readonly #numbers: Float64Array;
  readonly #headerLengths: Uint8Array;
  readonly #prefixLengths: Uint8Array;
  readonly #replacedLengths: Uint8Array;
  readonly #resentMs: Float64Array;
  #highestIndex = -1;
  #writtenBytes = 0;
  #found = 0;

  /** Takes how many packets it holds, a power of two, and the history of the first source. */
  constructor(packets: number, history: PacketHistory) {
    this.#packets = packets;
    this.history = history;
    this.headers = Buffer.alloc(packets * USUAL_HEADER_BYTES + MAX_HEADER_BYTES);
    this.#indices = new Float64Array(packets).fill(-1);
    this.#positions = new Float64Array(packets);
    this.#histories = Array.from({ length: packets }, () => history);
    this.#numbers = new Float64Array(packets);
    this.#headerLengths = new Uint8Array(packets);
    this.#prefixLengths = new Uint8Array(packets);
    this.#replacedLengths = new Uint8Array(packets);
    this.#resentMs = new Float64Array(packets);
  }

  /** Index of the packet that was sent furthest ahead, -1 before the first one. */
  get highestIndex(): number {
    return this.#highestIndex;
  }

  /**
   * Takes note of a packet that is about to be sent under `index`: the header and prefix at `offset`, behind them the payload of `number` in
   * `history` without its first `replacedLength` bytes. Returns false for an index that was used, or is too old to check: the packet must
   * not be sent.
   */
  record(
    index: number,
    history: PacketHistory,
    number: number,
    arena: Buffer,
    offset: number,
    headerLength: number,
    prefixLength: number,
    replacedLength: number,
  ): boolean {
    if (index <= this.#highestIndex - this.#packets) return false;
    const place = index % this.#packets;
    if (this.#indices[place] === index) return false;
    if (index > this.#highestIndex) this.#highestIndex = index;
    this.#indices[place] = index;
    this.#histories[place] = history;
    this.#numbers[place] = number;
    this.#headerLengths[place] = headerLength;
    this.#prefixLengths[place] = prefixLength;
    this.#replacedLengths[place] = replacedLength;
    this.#resentMs[place] = Number.NEGATIVE_INFINITY;
    this.#positions[place] = this.#write(arena, offset, headerLength + prefixLength);
    return true;
  }

  /** Returns whether the packet that was sent under `index` is in the log, and describes it in the fields. */
  find(index: number): boolean {
    const place = index % this.#packets;
    if (index < 0 || this.#indices[place] !== index) return false;
    const position = this.#positions[place]!;
    if (position < this.#writtenBytes - this.headers.length) return false;
    this.headerOffset = position % this.headers.length;
    this.headerLength = this.#headerLengths[place]!;
    this.prefixLength = this.#prefixLengths[place]!;
    this.replacedLength = this.#replacedLengths[place]!;
    this.history = this.#histories[place]!;
    this.number = this.#numbers[place]!;
    this.resentMs = this.#resentMs[place]!;
    this.#found = place;
    return true;
  }

  /** Copies the header of the packet that was found, and its prefix behind it, to `at`. */
  copyHeader(out: Buffer, at: number): void {
    this.headers.copy(out, at, this.headerOffset, this.headerOffset + this.headerLength + this.prefixLength);
  }

  /** Copies the prefix of the packet that was found to `at`. */
  copyPrefix(out: Buffer, at: number): void {
    const start = this.headerOffset + this.headerLength;
    this.headers.copy(out, at, start, start + this.prefixLength);
  }

  /** Takes note that the packet that was found goes out later, for the first time or again: it is not to be sent again before. */
  waits(): void {
    this.#resentMs[this.#found] = WAITING;
  }

  /** The packet that was found waits to go out. */
  get isWaiting(): boolean {
    return this.resentMs === WAITING;
  }

  /** Takes note that the packet that was found goes out for the first time. */
  left(): void {
    this.#resentMs[this.#found] = Number.NEGATIVE_INFINITY;
  }

  /** Takes note that the packet that was found goes out again. */
  resent(nowMs: number): void {
    this.#resentMs[this.#found] = nowMs;
  }

  #write(arena: Buffer, offset: number, length: number): number {
    const { headers } = this;
    const room = headers.length - (this.#writtenBytes % headers.length);
    if (length > room) this.#writtenBytes += room;
    const position = this.#writtenBytes;
    const start = position % headers.length;
    for (let byte = 0; byte < length; byte++) headers[start + byte] = arena[offset + byte]!;
    this.#writtenBytes += length;
    return position;
  }
}
