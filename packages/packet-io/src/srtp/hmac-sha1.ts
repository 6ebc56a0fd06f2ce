import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { SHA1_BLOCK_BYTES, SHA1_DIGEST_BYTES, SHA1_INITIAL_STATE, sha1Compress } from './sha1.ts';

/** Beyond this many bytes the native HMAC, at some 2 µs a call, is the faster one. */
const LONG_MESSAGE_BYTES = 512;

const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

const state = new Int32Array(SHA1_DIGEST_BYTES / 4);
/** The end of a message with its padding: at most two blocks. */
const tail = new Uint8Array(2 * SHA1_BLOCK_BYTES);
const digest = new Uint8Array(SHA1_DIGEST_BYTES);
const noSuffix = new Uint8Array(0);

/**
 * HMAC-SHA1 (RFC 2104) under one key. The states after the padded key are kept, so that a packet costs only its own blocks and
 * one more. Keys are at most a block long.
 */
export class HmacSha1 {
  readonly #key: KeyObject;
  readonly #inner: Int32Array;
  readonly #outer: Int32Array;

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
    this.#inner = stateAfterPaddedKey(key, INNER_PAD);
    this.#outer = stateAfterPaddedKey(key, OUTER_PAD);
  }

  /** The 20 bytes for `message` up to `length`, then `suffix`. They are overwritten by the next call of any instance. */
  digest(message: Uint8Array, length: number, suffix: Uint8Array = noSuffix): Uint8Array {
    if (length > LONG_MESSAGE_BYTES) {
      digest.set(createHmac('sha1', this.#key).update(message.subarray(0, length)).update(suffix).digest());
      return digest;
    }
    state.set(this.#inner);
    let offset = 0;
    for (; offset + SHA1_BLOCK_BYTES <= length; offset += SHA1_BLOCK_BYTES) sha1Compress(state, message, offset);
    let rest = 0;
    for (; offset < length; offset++) tail[rest++] = message[offset]!;
    for (let i = 0; i < suffix.length; i++) tail[rest++] = suffix[i]!;
    finish(rest, SHA1_BLOCK_BYTES + length + suffix.length);

    writeState(tail);
    state.set(this.#outer);
    finish(SHA1_DIGEST_BYTES, SHA1_BLOCK_BYTES + SHA1_DIGEST_BYTES);
    writeState(digest);
    return digest;
  }
}

/** Pads the first `rest` bytes of `tail` (FIPS 180-4 section 5.1.1) for a message of `totalBytes`, and compresses them. */
function finish(rest: number, totalBytes: number): void {
  const end = rest + 9 <= SHA1_BLOCK_BYTES ? SHA1_BLOCK_BYTES : 2 * SHA1_BLOCK_BYTES;
  tail.fill(0, rest, end);
  tail[rest] = 0x80;
  const totalBits = totalBytes * 8;
  tail[end - 4] = totalBits >>> 24;
  tail[end - 3] = totalBits >>> 16;
  tail[end - 2] = totalBits >>> 8;
  tail[end - 1] = totalBits;
  for (let offset = 0; offset < end; offset += SHA1_BLOCK_BYTES) sha1Compress(state, tail, offset);
}

function stateAfterPaddedKey(key: Uint8Array, pad: number): Int32Array {
  const block = new Uint8Array(SHA1_BLOCK_BYTES).fill(pad);
  for (let i = 0; i < key.length; i++) block[i]! ^= key[i]!;
  const padded = Int32Array.from(SHA1_INITIAL_STATE);
  sha1Compress(padded, block, 0);
  return padded;
}

function writeState(out: Uint8Array): void {
  for (let i = 0; i < SHA1_DIGEST_BYTES; i++) out[i] = state[i >>> 2]! >>> (24 - 8 * (i & 3));
}
