/** Reads the bits of some bytes, the most significant first. Beyond the end there are zeros, and `isOverrun` is set. */
export class BitReader {
  isOverrun = false;
  #bytes: Uint8Array = new Uint8Array();
  /** In bits. */
  #at = 0;
  #end = 0;

  begin(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start * 8;
    this.#end = end * 8;
    this.isOverrun = false;
  }

  readFlag(): boolean {
    return this.read(1) === 1;
  }

  skip(bits: number): void {
    if (this.#at + bits > this.#end) this.isOverrun = true;
    else this.#at += bits;
  }

  /** Reads up to 31 bits. */
  read(bits: number): number {
    if (this.#at + bits > this.#end) {
      this.isOverrun = true;
      return 0;
    }
    let value = 0;
    for (let count = bits; count > 0; count--) {
      value = (value << 1) | (((this.#bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1);
      this.#at++;
    }
    return value;
  }

  /** Reads a number below `limit`, in the encoding that AV1 calls ns(n). */
  readNonSymmetric(limit: number): number {
    const bits = 32 - Math.clz32(limit);
    const short = 2 ** bits - limit;
    const value = this.read(bits - 1);
    return value < short ? value : (value << 1) - short + this.read(1);
  }
}
