import { AES_BLOCK_BYTES } from './limits.ts';

/** The reduction polynomial of GCM's field, in its reflected bit order: the first bit is the lowest power. */
const POLYNOMIAL = 0xe1000000;

/** Words in one entry of a multiplication table: a field element of 128 bits. */
const ENTRY_WORDS = 4;

/** Start of the products with a byte's upper four bits, in words. Those with its lower four come first. */
const UPPER = 16 * ENTRY_WORDS;

/** Values that the 8 bits shifted out at the end add at the front. */
const REDUCTION = reductionTable();

/** Running value of the hash in progress. A hash is taken in one call, so one is enough. */
const accumulator = new Int32Array(ENTRY_WORDS);
const before = new Int32Array(ENTRY_WORDS);
const padded = new Uint8Array(AES_BLOCK_BYTES);

/**
 * GHASH of NIST SP 800-38D section 6.4 under one key: multiplication in GF(2^128) by table, a byte at a time as two halves. The
 * table is 512 bytes: one entry per byte value would be 4 KiB, faster for one key, but slower for hundreds in turn, which then
 * are no longer in the processor's cache.
 */
export class Ghash {
  readonly #table: Int32Array;

  /** Takes the encryption of a block of zeros. */
  constructor(hashKey: Uint8Array) {
    this.#table = multiplicationTable(hashKey);
  }

  /**
   * Hashes `aad`, then `text` from `textStart` to `textEnd`, each zero-padded to a block, then their lengths in bits. XORs the
   * result with `mask` and writes it to `tag` at `tagOffset`, which makes it a GCM tag.
   */
  tag(
    aad: Uint8Array,
    aadLength: number,
    text: Uint8Array,
    textStart: number,
    textEnd: number,
    mask: Uint8Array,
    tag: Uint8Array,
    tagOffset: number,
  ): void {
    accumulator.fill(0);
    absorb(this.#table, aad, 0, aadLength);
    absorb(this.#table, text, textStart, textEnd);
    absorbLengths(this.#table, aadLength * 8, (textEnd - textStart) * 8);
    for (let i = 0; i < AES_BLOCK_BYTES; i++) {
      tag[tagOffset + i] = (accumulator[i >>> 2]! >>> (24 - 8 * (i & 3))) ^ mask[i]!;
    }
  }
}

function absorb(table: Int32Array, bytes: Uint8Array, start: number, end: number): void {
  const partial = (end - start) & (AES_BLOCK_BYTES - 1);
  absorbBlocks(table, bytes, start, end - partial);
  if (partial === 0) return;
  padded.fill(0);
  for (let i = 0; i < partial; i++) padded[i] = bytes[end - partial + i]!;
  absorbBlocks(table, padded, 0, AES_BLOCK_BYTES);
}

function absorbLengths(table: Int32Array, aadBits: number, textBits: number): void {
  padded.fill(0);
  padded[6] = aadBits >>> 8;
  padded[7] = aadBits;
  padded[14] = textBits >>> 8;
  padded[15] = textBits;
  absorbBlocks(table, padded, 0, AES_BLOCK_BYTES);
}

/** Horner's rule, last byte first. The four like steps are a loop written out: so it takes two thirds of the time. */
function absorbBlocks(table: Int32Array, bytes: Uint8Array, start: number, end: number): void {
  let z0 = accumulator[0]!;
  let z1 = accumulator[1]!;
  let z2 = accumulator[2]!;
  let z3 = accumulator[3]!;
  for (let block = start; block < end; block += AES_BLOCK_BYTES) {
    before[0] = z0;
    before[1] = z1;
    before[2] = z2;
    before[3] = z3;
    z0 = z1 = z2 = z3 = 0;
    for (let word = 3; word >= 0; word--) {
      const at = block + 4 * word;
      const x = before[word]! ^ ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);

      let lower = (x << 2) & 60;
      let upper = UPPER | ((x >>> 2) & 60);
      let carry = REDUCTION[z3 & 255]!;
      z3 = ((z3 >>> 8) | (z2 << 24)) ^ table[lower + 3]! ^ table[upper + 3]!;
      z2 = ((z2 >>> 8) | (z1 << 24)) ^ table[lower + 2]! ^ table[upper + 2]!;
      z1 = ((z1 >>> 8) | (z0 << 24)) ^ table[lower + 1]! ^ table[upper + 1]!;
      z0 = (z0 >>> 8) ^ carry ^ table[lower]! ^ table[upper]!;

      lower = (x >>> 6) & 60;
      upper = UPPER | ((x >>> 10) & 60);
      carry = REDUCTION[z3 & 255]!;
      z3 = ((z3 >>> 8) | (z2 << 24)) ^ table[lower + 3]! ^ table[upper + 3]!;
      z2 = ((z2 >>> 8) | (z1 << 24)) ^ table[lower + 2]! ^ table[upper + 2]!;
      z1 = ((z1 >>> 8) | (z0 << 24)) ^ table[lower + 1]! ^ table[upper + 1]!;
      z0 = (z0 >>> 8) ^ carry ^ table[lower]! ^ table[upper]!;

      lower = (x >>> 14) & 60;
      upper = UPPER | ((x >>> 18) & 60);
      carry = REDUCTION[z3 & 255]!;
      z3 = ((z3 >>> 8) | (z2 << 24)) ^ table[lower + 3]! ^ table[upper + 3]!;
      z2 = ((z2 >>> 8) | (z1 << 24)) ^ table[lower + 2]! ^ table[upper + 2]!;
      z1 = ((z1 >>> 8) | (z0 << 24)) ^ table[lower + 1]! ^ table[upper + 1]!;
      z0 = (z0 >>> 8) ^ carry ^ table[lower]! ^ table[upper]!;

      lower = (x >>> 22) & 60;
      upper = UPPER | ((x >>> 26) & 60);
      carry = REDUCTION[z3 & 255]!;
      z3 = ((z3 >>> 8) | (z2 << 24)) ^ table[lower + 3]! ^ table[upper + 3]!;
      z2 = ((z2 >>> 8) | (z1 << 24)) ^ table[lower + 2]! ^ table[upper + 2]!;
      z1 = ((z1 >>> 8) | (z0 << 24)) ^ table[lower + 1]! ^ table[upper + 1]!;
      z0 = (z0 >>> 8) ^ carry ^ table[lower]! ^ table[upper]!;
    }
  }
  accumulator[0] = z0;
  accumulator[1] = z1;
  accumulator[2] = z2;
  accumulator[3] = z3;
}

/** The hash key times each value of a byte's lower half, then of its upper: powers of two by halving, others as their sums. */
function multiplicationTable(hashKey: Uint8Array): Int32Array {
  const table = new Int32Array(2 * UPPER);
  const view = new DataView(hashKey.buffer, hashKey.byteOffset);
  const power = new Int32Array(ENTRY_WORDS);
  for (let i = 0; i < ENTRY_WORDS; i++) power[i] = view.getInt32(4 * i);
  for (const half of [UPPER, 0]) {
    for (let bit = 8; bit > 0; bit >>>= 1) {
      table.set(power, half + bit * ENTRY_WORDS);
      halve(power);
    }
    for (let bit = 2; bit < 16; bit <<= 1) addSmaller(table, half, bit);
  }
  return table;
}

/** Fills the entries between one power of two and the next. */
function addSmaller(table: Int32Array, half: number, bit: number): void {
  for (let word = ENTRY_WORDS; word < bit * ENTRY_WORDS; word++) {
    table[half + bit * ENTRY_WORDS + word] =
      table[half + bit * ENTRY_WORDS + (word % ENTRY_WORDS)]! ^ table[half + word]!;
  }
}

function reductionTable(): Int32Array {
  const table = new Int32Array(256);
  const element = new Int32Array(ENTRY_WORDS);
  for (let byte = 0; byte < 256; byte++) {
    element.fill(0);
    element[3] = byte;
    for (let i = 0; i < 8; i++) halve(element);
    table[byte] = element[0]!;
  }
  return table;
}

/** Multiplies by x, which in the reflected order is a shift to the right. */
function halve(element: Int32Array): void {
  const carry = element[3]! & 1;
  for (let i = 3; i > 0; i--) element[i] = (element[i]! >>> 1) | (element[i - 1]! << 31);
  element[0] = (element[0]! >>> 1) ^ (carry === 1 ? POLYNOMIAL : 0);
}
