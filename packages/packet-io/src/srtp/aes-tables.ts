/**
 * Tables of 16 bytes for wasm/aes128.ts, which looks things up only by the halves of a byte.
 *
 * The S-box of AES is an inverse in GF(2^8), which no such table can give. So the bytes of a block are kept as elements of the tower
 * GF(16)[u]: a byte stands for iu + ju^16, where u + u^16 = 1, with i in its upper half and k = i + j in its lower. With
 * a = 1 / (u u^16), the norm of the element is N = ij + k^2 / a, and its inverse is (j / N) u + (i / N) u^16. Those two quotients come
 * from the inverses in GF(16) of
 *
 *     first  = j + 1 / (1/i + a/k) = aN / (k + ai)
 *     second = i + 1 / (1/j + a/k) = aN / (k + aj)
 *
 * as i / N = 1/first + (1/first + 1/second) / a, and likewise j / N. That is linear in the two inverses, so all that follows and is
 * linear too (the S-box's map, MixColumns, the way back from the tower) is in the last two tables.
 */

type Bytes = (index: number) => number;

/** Stands for 1/0. A lookup beyond the table gives 0, which is 1 / (1/0 + x); only the top bit matters, so x may be added to it. */
const INFINITY = 0x80;

/** The constant that the S-box adds (FIPS 197 section 5.1.1). */
const S_BOX_CONSTANT = 0x63;

/** GF(2^8) of AES: polynomials modulo x^8 + x^4 + x^3 + x + 1 (FIPS 197 section 4.2). */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 0x80; bit > 0; bit >>= 1) {
    product = (product << 1) ^ ((product & 0x80) === 0 ? 0 : 0x11b);
    if ((b & bit) !== 0) product ^= a;
  }
  return product;
}

function power(base: number, exponent: number): number {
  let product = 1;
  for (let i = 0; i < exponent; i++) product = multiply(product, base);
  return product;
}

function invert(a: number): number {
  return power(a, 254);
}

/** Has order 15, so its powers are GF(16) without 0, and the first four of them are a basis. */
const GENERATOR = power(3, 17);
const SUBFIELD = Array.from({ length: 16 }, (_, nibble) =>
  [0, 1, 2, 3].reduce((sum, bit) => sum ^ ((nibble >> bit) & 1 ? power(GENERATOR, bit) : 0), 0),
);

function nibbleOf(element: number): number {
  return SUBFIELD.indexOf(element);
}

const U = Array.from({ length: 256 }, (_, element) => element).findIndex((u) => (u ^ power(u, 16)) === 1);
const U16 = power(U, 16);
const A = invert(multiply(U, U16));

const TOWER_TO_FIELD = Array.from({ length: 256 }, (_, byte) => {
  const i = byte >> 4;
  const k = byte & 15;
  return multiply(SUBFIELD[i]!, U) ^ multiply(SUBFIELD[i ^ k]!, U16);
});

function toTower(element: number): number {
  return TOWER_TO_FIELD.indexOf(element);
}

/** The S-box's linear map: the sum of a byte and its rotations by 1 to 4 bits. */
function mapLinearly(byte: number): number {
  const twice = (byte << 8) | byte;
  return (twice ^ (twice >> 4) ^ (twice >> 5) ^ (twice >> 6) ^ (twice >> 7)) & 0xff;
}

/** The part of the S-box's value that comes from `first`, or, with u and u^16 exchanged, from `second`. */
function substitute(nibble: number, u: number, u16: number): number {
  if (nibble === 0) return 0;
  const inverse = invert(SUBFIELD[nibble]!);
  const quotient = multiply(inverse, invert(A));
  return mapLinearly(multiply(quotient, u) ^ multiply(inverse ^ quotient, u16));
}

function substitute1(nibble: number): number {
  return substitute(nibble, U, U16);
}

function substitute2(nibble: number): number {
  return substitute(nibble, U16, U);
}

/**
 * A byte of the upper half of a product in GHASH's field, times x^128 = x^7 + x^2 + x + 1, as 16 bits. The highest bit of a byte is the
 * lowest power of x (SP 800-38D section 6.3).
 */
function fold(byte: number): number {
  const high = byte << 8;
  return high ^ (high >> 1) ^ (high >> 2) ^ (high >> 7);
}

/** Gives the place that ShiftRows, and then a step of `rows` down each column of four, takes a byte from. */
function shiftRows(rows: number): Bytes {
  return (index) => {
    const row = (index + rows) & 3;
    return 4 * (((index >> 2) + row) & 3) + row;
  };
}

/** In the order in which wasm/aes128.ts names them. */
const TABLES: readonly Bytes[] = [
  (nibble) => toTower(nibble),
  (nibble) => toTower(nibble << 4),
  (nibble) => (nibble === 0 ? INFINITY : nibbleOf(invert(SUBFIELD[nibble]!))),
  (nibble) => (nibble === 0 ? INFINITY : nibbleOf(multiply(A, invert(SUBFIELD[nibble]!)))),
  (nibble) => toTower(substitute1(nibble)),
  (nibble) => toTower(substitute2(nibble)),
  (nibble) => toTower(multiply(2, substitute1(nibble))),
  (nibble) => toTower(multiply(2, substitute2(nibble))),
  substitute1,
  substitute2,
  (nibble) => fold(nibble << 4) >> 8,
  (nibble) => fold(nibble) >> 8,
  (nibble) => fold(nibble << 4) & 0xff,
  (nibble) => fold(nibble) & 0xff,
  shiftRows(0),
  shiftRows(1),
  shiftRows(2),
  shiftRows(3),
  () => 15,
  () => S_BOX_CONSTANT,
  () => 0xff,
  () => 0,
];

export function writeAesTables(out: Uint8Array): void {
  TABLES.forEach((table, place) => {
    for (let index = 0; index < 16; index++) out[16 * place + index] = table(index);
  });
}
