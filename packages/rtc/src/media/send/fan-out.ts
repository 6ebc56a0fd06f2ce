import { DESCRIPTOR_WORDS, type PacketPlane } from '@rtcd/packet-io';

const MAX_PAYLOAD_BYTES = 2048; // more than any datagram of a path MTU of 1500 carries
/** Fixed header, extensions in two-byte form with the longest dependency descriptor, and a prefix. */
export const MAX_HEADER_BYTES = 192;
/** Most headers have no more, with a prefix: only those of key frames are longer. */
export const USUAL_HEADER_BYTES = 64;
const RECEIVERS_PER_FLUSH = 512;
const ARENA_BYTES = MAX_PAYLOAD_BYTES + RECEIVERS_PER_FLUSH * USUAL_HEADER_BYTES + MAX_HEADER_BYTES;

/**
 * Gathers one packet's copies for many receivers and hands them to packet-io in one call. The payload stands once at the start of
 * the arena, behind it one rewritten header per receiver, each directly behind the last. One instance serves all tracks: nothing here outlives a packet.
 */
export class FanOut {
  /** Buffer for headers; see `headerOffset`. */
  readonly arena = Buffer.alloc(ARENA_BYTES);
  readonly #plane: Pick<PacketPlane, 'send'>;
  readonly #descriptors = new Uint32Array(RECEIVERS_PER_FLUSH * DESCRIPTOR_WORDS);
  #payloadLength = 0;
  #headerOffset = MAX_PAYLOAD_BYTES;
  #count = 0;

  constructor(plane: Pick<PacketPlane, 'send'>) {
    this.#plane = plane;
  }

  /**
   * Takes a packet's payload. Returns false if it is longer than anything we forward. Receivers of an earlier packet whose fan-out
   * an error cut short are forgotten: they must not get this one.
   */
  begin(packet: Buffer, start: number, length: number): boolean {
    this.#forget();
    if (length > MAX_PAYLOAD_BYTES) return false;
    this.#payloadLength = length;
    packet.copy(this.arena, 0, start, start + length);
    return true;
  }

  /** Offset in `arena` of the next receiver's header, with `MAX_HEADER_BYTES` of room. */
  get headerOffset(): number {
    return this.#headerOffset;
  }

  /**
   * Adds a receiver, whose header of `headerLength` bytes is at `headerOffset`. The `prefixLength` bytes behind it stand in this
   * receiver's payload in place of the first `replacedLength` bytes. Throws `RangeError` if header and prefix do not fit their place.
   */
  push(slot: number, rolloverCounter: number, headerLength: number, prefixLength = 0, replacedLength = 0): void {
    if (headerLength + prefixLength > MAX_HEADER_BYTES || replacedLength > this.#payloadLength) {
      throw new RangeError(
        `RTP header of ${headerLength} and prefix of ${prefixLength} bytes must fit into ${MAX_HEADER_BYTES}, ` +
          `and replace at most ${this.#payloadLength} bytes of payload, not ${replacedLength}`,
      );
    }
    const word = this.#count * DESCRIPTOR_WORDS;
    const descriptors = this.#descriptors;
    descriptors[word] = slot;
    descriptors[word + 1] = rolloverCounter;
    descriptors[word + 2] = this.#headerOffset;
    descriptors[word + 3] = headerLength;
    descriptors[word + 4] = prefixLength;
    descriptors[word + 5] = replacedLength;
    descriptors[word + 6] = this.#payloadLength - replacedLength;
    this.#count += 1;
    this.#headerOffset += headerLength + prefixLength;
    if (this.#count === RECEIVERS_PER_FLUSH || this.#headerOffset > ARENA_BYTES - MAX_HEADER_BYTES) this.flush();
  }

  flush(): void {
    if (this.#count > 0) this.#plane.send(this.arena, this.#descriptors, this.#count);
    this.#forget();
  }

  #forget(): void {
    this.#count = 0;
    this.#headerOffset = MAX_PAYLOAD_BYTES;
  }
}
