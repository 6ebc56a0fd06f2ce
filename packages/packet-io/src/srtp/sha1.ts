/** SHA-1's block, digest and initial value (FIPS 180-4 sections 5 and 6.1). */
export const SHA1_BLOCK_BYTES = 64;
export const SHA1_DIGEST_BYTES = 20;
export const SHA1_INITIAL_STATE: readonly number[] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

/** The last 16 words of the message schedule; a block is done before the next begins, so one is enough. */
const schedule = new Int32Array(16);

/**
 * Feeds one 64-byte block at `offset` to the five words of `state`. Only the compression, because HMAC over short packets is four
 * of these from a state known beforehand, and each call to a native hash costs as much as three.
 */
export function sha1Compress(state: Int32Array, bytes: Uint8Array, offset: number): void {
  const w = schedule;
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  for (let i = 0; i < 80; i++) {
    let word: number;
    if (i < 16) {
      const at = offset + 4 * i;
      word = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    } else {
      word = w[(i + 13) & 15]! ^ w[(i + 8) & 15]! ^ w[(i + 2) & 15]! ^ w[i & 15]!;
      word = (word << 1) | (word >>> 31);
    }
    w[i & 15] = word;
    let mixed: number;
    if (i < 20) mixed = (d ^ (b & (c ^ d))) + 0x5a827999;
    else if (i < 40) mixed = (b ^ c ^ d) + 0x6ed9eba1;
    else if (i < 60) mixed = ((b & c) | (d & (b | c))) + 0x8f1bbcdc;
    else mixed = (b ^ c ^ d) + 0xca62c1d6;
    const next = (((a << 5) | (a >>> 27)) + mixed + e + word) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  state[0] = state[0]! + a;
  state[1] = state[1]! + b;
  state[2] = state[2]! + c;
  state[3] = state[3]! + d;
  state[4] = state[4]! + e;
}
