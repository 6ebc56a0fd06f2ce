// AES-128 in counter mode and GCM (NIST SP 800-38A section 6.5, SP 800-38D), for WebAssembly with SIMD. `pnpm build:wasm` compiles it into
// src/srtp/aes128.wasm.ts.
//
// It has no tables of its own: src/srtp/aes-tables.ts computes them and explains the arithmetic. Each has 16 entries of a byte, and is
// looked up for 16 bytes at a time by a swizzle. No address and no branch depends on a key or on data, so the time that a call takes
// tells nothing about them.

/** The memory layout, as offsets in bytes. The tables come first, in the order of aes-tables.ts. */
export const TABLES: usize = 0;
const TO_TOWER_LOW: usize = TABLES;
const TO_TOWER_HIGH: usize = TABLES + 16;
const INVERSE: usize = TABLES + 32;
const SCALED_INVERSE: usize = TABLES + 48;
const SUBSTITUTE_1: usize = TABLES + 64;
const SUBSTITUTE_2: usize = TABLES + 80;
const DOUBLE_1: usize = TABLES + 96;
const DOUBLE_2: usize = TABLES + 112;
const LAST_1: usize = TABLES + 128;
const LAST_2: usize = TABLES + 144;
const FOLD_HIGH: usize = TABLES + 160;
const FOLD_LOW: usize = TABLES + 176;
const CARRY_HIGH: usize = TABLES + 192;
const CARRY_LOW: usize = TABLES + 208;
const SHIFT_ROWS: usize = TABLES + 224;
const SHIFT_ROWS_1: usize = TABLES + 240;
const SHIFT_ROWS_2: usize = TABLES + 256;
const SHIFT_ROWS_3: usize = TABLES + 272;
const LOW_BITS: usize = TABLES + 288;
const S_BOX_CONSTANT: usize = TABLES + 304;
/** 16 bytes of ones, then 16 of zeros: a load from 16 - n keeps n bytes. */
const KEEP: usize = TABLES + 320;
export const TABLES_END: usize = TABLES + 352;

/** All that is made from a key: 11 round keys, then 17 pairs of tables to multiply by the hash key. */
export const CONTEXT: usize = TABLES_END;
const ROUND_KEYS: usize = CONTEXT;
const LAST_ROUND_KEY: usize = ROUND_KEYS + 160;
const HASH_KEY: usize = ROUND_KEYS + 176;
const LAST_HASH_KEY: usize = HASH_KEY + 512;
export const CONTEXT_END: usize = HASH_KEY + 544;

/** The first counter block, without its last byte: packets have fewer than 256 blocks. */
export const IV: usize = CONTEXT_END;
const GCM_COUNTER: usize = IV + 12;
const SCRATCH: usize = IV + 16;
export const PACKET: usize = SCRATCH + 32;

function lookUp(table: v128, nibbles: v128): v128 {
  return i8x16.relaxed_swizzle(table, nibbles);
}

function low(bytes: v128): v128 {
  return v128.and(bytes, v128.load(LOW_BITS));
}

function high(bytes: v128): v128 {
  return v128.and(v128.shr<u16>(bytes, 4), v128.load(LOW_BITS));
}

/** A linear map of bytes: the sum of what it makes of their halves. */
function linear(bytes: v128, highTable: usize, lowTable: usize): v128 {
  return v128.xor(lookUp(v128.load(highTable), high(bytes)), lookUp(v128.load(lowTable), low(bytes)));
}

/** Moves every byte one place up. `before` gives the byte for the first place. */
function up(before: v128, bytes: v128): v128 {
  return v128.shuffle<u8>(before, bytes, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
}

/** One of the two values that tables map to a byte's inverse; the other has `i` and `j` exchanged. */
function invert(i: v128, j: v128, scaled: v128): v128 {
  const inverse = v128.load(INVERSE);
  return v128.xor(lookUp(inverse, v128.xor(lookUp(inverse, i), scaled)), j);
}

function enter(block: v128): v128 {
  return v128.xor(linear(block, TO_TOWER_HIGH, TO_TOWER_LOW), v128.load(ROUND_KEYS));
}

/** SubBytes, ShiftRows, MixColumns, and AddRoundKey (FIPS 197 section 5.1). */
function round(state: v128, key: usize): v128 {
  const i = high(state);
  const k = low(state);
  const j = v128.xor(i, k);
  const scaled = lookUp(v128.load(SCALED_INVERSE), k);
  const first = invert(i, j, scaled);
  const second = invert(j, i, scaled);
  const once = v128.xor(lookUp(v128.load(SUBSTITUTE_1), first), lookUp(v128.load(SUBSTITUTE_2), second));
  const twice = v128.xor(lookUp(v128.load(DOUBLE_1), first), lookUp(v128.load(DOUBLE_2), second));
  const thrice = v128.xor(once, twice);
  const upperRows = v128.xor(lookUp(twice, v128.load(SHIFT_ROWS)), lookUp(thrice, v128.load(SHIFT_ROWS_1)));
  const lowerRows = v128.xor(lookUp(once, v128.load(SHIFT_ROWS_2)), lookUp(once, v128.load(SHIFT_ROWS_3)));
  return v128.xor(v128.xor(upperRows, lowerRows), v128.load(key));
}

/** SubBytes without its constant, and back from the tower field. */
function substitute(state: v128): v128 {
  const i = high(state);
  const k = low(state);
  const j = v128.xor(i, k);
  const scaled = lookUp(v128.load(SCALED_INVERSE), k);
  return v128.xor(lookUp(v128.load(LAST_1), invert(i, j, scaled)), lookUp(v128.load(LAST_2), invert(j, i, scaled)));
}

function leave(state: v128): v128 {
  return v128.xor(lookUp(substitute(state), v128.load(SHIFT_ROWS)), v128.load(LAST_ROUND_KEY));
}

function encrypt(block: v128): v128 {
  let state = enter(block);
  for (let key = ROUND_KEYS + 16; key < LAST_ROUND_KEY; key += 16) state = round(state, key);
  return leave(state);
}

function counterBlock(counter: i32): v128 {
  return v128.replace_lane<u8>(v128.load(IV), 15, <u8>counter);
}

/** Two blocks at a time: their steps overlap in the processor. Up to 31 bytes behind `end` are overwritten. */
function addKeystream(firstCounter: i32, start: usize, end: usize): void {
  let counter = firstCounter;
  for (let at = start; at < end; at += 32) {
    let one = enter(counterBlock(counter));
    let two = enter(counterBlock(counter + 1));
    for (let key = ROUND_KEYS + 16; key < LAST_ROUND_KEY; key += 16) {
      one = round(one, key);
      two = round(two, key);
    }
    v128.store(at, v128.xor(v128.load(at), leave(one)));
    v128.store(at + 16, v128.xor(v128.load(at + 16), leave(two)));
    counter += 2;
  }
}

/**
 * Multiplies by the hash key in GF(2^128). Each pass gives the bytes of all 16 products at one distance from the byte multiplied; the
 * sum of them, moved by their distances, is the product of 255 bits in two halves, of which the upper is folded into the lower.
 */
function multiply(x: v128): v128 {
  const highs = high(x);
  const lows = low(x);
  let front = i8x16.splat(0);
  let back = i8x16.splat(0);
  for (let table = LAST_HASH_KEY; table >= HASH_KEY; table -= 32) {
    back = up(front, back);
    front = v128.xor(
      up(i8x16.splat(0), front),
      v128.xor(lookUp(v128.load(table), highs), lookUp(v128.load(table + 16), lows)),
    );
  }
  const carry = linear(back, CARRY_HIGH, CARRY_LOW);
  const over = up(carry, i8x16.splat(0));
  return v128.xor(
    v128.xor(front, v128.xor(linear(back, FOLD_HIGH, FOLD_LOW), linear(over, FOLD_HIGH, FOLD_LOW))),
    up(i8x16.splat(0), v128.xor(carry, linear(over, CARRY_HIGH, CARRY_LOW))),
  );
}

function absorb(hash: v128, start: usize, end: usize): v128 {
  let at = start;
  for (; at + 16 <= end; at += 16) hash = multiply(v128.xor(hash, v128.load(at)));
  if (at === end) return hash;
  const rest = v128.and(v128.load(at), v128.load(KEEP + 16 - (end - at)));
  return multiply(v128.xor(hash, rest));
}

/** The bit lengths, each in 64 bits of which a packet's take the lowest 16 (SP 800-38D section 6.4). */
function lengthsBlock(aadLength: usize, textLength: usize): v128 {
  let block = i8x16.splat(0);
  block = v128.replace_lane<u8>(block, 6, <u8>(aadLength >> 5));
  block = v128.replace_lane<u8>(block, 7, <u8>(aadLength << 3));
  block = v128.replace_lane<u8>(block, 14, <u8>(textLength >> 5));
  return v128.replace_lane<u8>(block, 15, <u8>(textLength << 3));
}

function gcmTag(aadLength: usize, length: usize): v128 {
  let hash = absorb(i8x16.splat(0), PACKET, PACKET + aadLength);
  hash = absorb(hash, PACKET + aadLength, PACKET + length);
  hash = multiply(v128.xor(hash, lengthsBlock(aadLength, length - aadLength)));
  return v128.xor(hash, encrypt(counterBlock(1)));
}

/** Encrypts or decrypts the packet from `start` to `length` in counter mode. Counters begin at 0. */
export function crypt(start: usize, length: usize): void {
  addKeystream(0, PACKET + start, PACKET + length);
}

/** Encrypts the packet behind its `aadLength` bytes of associated data, and writes the GCM tag behind `length`. */
export function seal(aadLength: usize, length: usize): void {
  store<u32>(GCM_COUNTER, 0);
  addKeystream(2, PACKET + aadLength, PACKET + length);
  v128.store(PACKET + length, gcmTag(aadLength, length));
}

/** Decrypts the packet if the GCM tag behind `length` is right. Returns whether it is. */
export function open(aadLength: usize, length: usize): bool {
  store<u32>(GCM_COUNTER, 0);
  const tag = gcmTag(aadLength, length);
  if (v128.any_true(v128.xor(tag, v128.load(PACKET + length)))) return false;
  addKeystream(2, PACKET + aadLength, PACKET + length);
  return true;
}

/** Makes the context of the key at its start. */
export function expandKey(): void {
  expandRoundKeys(v128.load(CONTEXT));
  expandHashKey(encrypt(i8x16.splat(0)));
}

/** FIPS 197 section 5.2. The S-box's constant, which SubBytes leaves out, is in the round keys; all but the last are in the tower. */
function expandRoundKeys(first: v128): void {
  let key = first;
  let constant: u8 = 1;
  v128.store(ROUND_KEYS, linear(key, TO_TOWER_HIGH, TO_TOWER_LOW));
  for (let at = ROUND_KEYS + 16; at <= LAST_ROUND_KEY; at += 16) {
    const box = v128.xor(substitute(linear(key, TO_TOWER_HIGH, TO_TOWER_LOW)), v128.load(S_BOX_CONSTANT));
    const word = v128.shuffle<u8>(box, box, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12);
    key = v128.xor(key, v128.shuffle<u32>(i8x16.splat(0), key, 3, 4, 5, 6));
    key = v128.xor(key, v128.shuffle<u32>(i8x16.splat(0), key, 2, 3, 4, 5));
    key = v128.xor(v128.xor(key, word), i32x4.splat(constant));
    const withConstant = v128.xor(key, v128.load(S_BOX_CONSTANT));
    v128.store(at, at === LAST_ROUND_KEY ? withConstant : linear(withConstant, TO_TOWER_HIGH, TO_TOWER_LOW));
    constant = <u8>((constant << 1) ^ ((constant >> 7) * 0x1b));
  }
}

/**
 * The products of the hash key with the 16 values of a byte's upper half (the powers 0 to 3 of x, the highest bit first) and with those
 * of its lower half (4 to 7), as 17 tables of bytes each: the first has byte 0 of all products.
 */
function expandHashKey(hashKey: v128): void {
  v128.store(SCRATCH, i8x16.splat(0));
  v128.store(SCRATCH + 16, i8x16.splat(0));
  v128.store(SCRATCH + 1, hashKey);
  for (let byte: usize = 0; byte < 17; byte++) {
    const pair = ((<i32>load<u8>(SCRATCH + byte)) << 8) | load<u8>(SCRATCH + byte + 1);
    for (let nibble = 0; nibble < 16; nibble++) {
      let upper = 0;
      for (let power = 0; power < 4; power++) upper ^= (pair >> power) * ((nibble >> (3 - power)) & 1);
      let lower = 0;
      for (let power = 0; power < 4; power++) lower ^= (pair >> (power + 4)) * ((nibble >> (3 - power)) & 1);
      store<u8>(HASH_KEY + 32 * byte + nibble, <u8>upper);
      store<u8>(HASH_KEY + 32 * byte + 16 + nibble, <u8>lower);
    }
  }
}
