const EMPTY = Buffer.alloc(0);

/** The same bytes as a Buffer, not copied. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Walks big-endian TLS structures (RFC 5246 section 4) in unauthenticated bytes. Reading past the end yields
 * zeros and empty vectors and is remembered, so that a parser asks once, at its end, whether all of it was there.
 */
export class ByteReader {
  readonly #bytes: Buffer;
  #offset = 0;
  #overrun = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = asBuffer(bytes);
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** Everything asked for was there. */
  get intact(): boolean {
    return !this.#overrun;
  }

  /** Everything asked for was there, and nothing is left. */
  get complete(): boolean {
    return !this.#overrun && this.remaining === 0;
  }

  uint8(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : this.#bytes[at]!;
  }

  uint16(): number {
    const at = this.#take(2);
    return at < 0 ? 0 : this.#bytes.readUInt16BE(at);
  }

  uint24(): number {
    const at = this.#take(3);
    return at < 0 ? 0 : this.#bytes.readUIntBE(at, 3);
  }

  /** A view, not a copy. */
  bytes(size: number): Buffer {
    const at = this.#take(size);
    return at < 0 ? EMPTY : this.#bytes.subarray(at, at + size);
  }

  /** opaque<0..2^8-1> */
  vector8(): Buffer {
    return this.bytes(this.uint8());
  }

  /** opaque<0..2^16-1> */
  vector16(): Buffer {
    return this.bytes(this.uint16());
  }

  /** opaque<0..2^24-1> */
  vector24(): Buffer {
    return this.bytes(this.uint24());
  }

  /** uint16<0..2^16-2>: a list of code points. An odd number of bytes counts as an overrun. */
  uint16List(): number[] {
    const list = this.vector16();
    if (list.length % 2 !== 0) this.#overrun = true;
    return Array.from({ length: list.length >> 1 }, (_, index) => list.readUInt16BE(index * 2));
  }

  /** Advances and returns where the taken bytes begin, -1 if they are not all there. */
  #take(size: number): number {
    if (this.#overrun || size > this.remaining) {
      this.#overrun = true;
      return -1;
    }
    const at = this.#offset;
    this.#offset += size;
    return at;
  }
}
