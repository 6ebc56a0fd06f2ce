import type { BlockCipher } from './block-cipher.ts';
import { AES_BLOCK_BYTES, MAX_PACKET_BYTES } from './limits.ts';

/** One block more than a packet holds, for the one that masks a GCM tag. */
const MAX_BLOCKS = Math.ceil(MAX_PACKET_BYTES / AES_BLOCK_BYTES) + 1;

/** A block in 32-bit and in 16-bit words. Words are only copied, so the machine's byte order does not matter. */
const BLOCK_WORDS = AES_BLOCK_BYTES / 4;
const BLOCK_HALVES = AES_BLOCK_BYTES / 2;

/**
 * Counter mode on a cipher that does whole blocks: one buffer of counter blocks, encrypted in one call.
 *
 *      0                       14      16
 *     +---------------------------+-----+
 *     |            IV             |  n  |   block n
 *     +---------------------------+-----+
 *
 * The counters stay as they are and only IVs are rewritten for a packet. AES-CM uses all 14 bytes and counts from 0; GCM uses
 * 12 and counts from 1 (2 for the first byte of text), and its counter's upper half stays 0, as no packet has 65,536 blocks.
 */
export class CounterKeystream {
  /** To be written before `generate`. */
  readonly iv: Uint8Array;
  readonly #ivWords: Uint32Array;
  readonly #ivHalves: Uint16Array;
  readonly #words: Uint32Array;
  readonly #halves: Uint16Array;
  /** One view per number of blocks, so that none is made per packet. */
  readonly #views: Uint8Array[];

  constructor(options: { ivBytes: 12 | 14; firstCounter: 0 | 1 }) {
    const iv = new Uint8Array(AES_BLOCK_BYTES);
    this.iv = iv.subarray(0, options.ivBytes);
    this.#ivWords = new Uint32Array(iv.buffer);
    this.#ivHalves = new Uint16Array(iv.buffer);
    const blocks = new Uint8Array(MAX_BLOCKS * AES_BLOCK_BYTES);
    for (let block = 0; block < MAX_BLOCKS; block++) {
      blocks[block * AES_BLOCK_BYTES + AES_BLOCK_BYTES - 1] = block + options.firstCounter;
    }
    this.#words = new Uint32Array(blocks.buffer);
    this.#halves = new Uint16Array(blocks.buffer);
    this.#views = Array.from({ length: MAX_BLOCKS + 1 }, (_, count) => blocks.subarray(0, count * AES_BLOCK_BYTES));
  }

  /** At least `byteLength` bytes: at most MAX_PACKET_BYTES and a block. */
  generate(cipher: BlockCipher, byteLength: number): Uint8Array {
    const blocks = Math.ceil(byteLength / AES_BLOCK_BYTES);
    const words = this.#words;
    const halves = this.#halves;
    const first = this.#ivWords[0]!;
    const second = this.#ivWords[1]!;
    const third = this.#ivWords[2]!;
    const last = this.#ivHalves[6]!;
    for (let block = 0; block < blocks; block++) {
      words[block * BLOCK_WORDS] = first;
      words[block * BLOCK_WORDS + 1] = second;
      words[block * BLOCK_WORDS + 2] = third;
      halves[block * BLOCK_HALVES + 6] = last;
    }
    return cipher.update(this.#views[blocks]!);
  }
}
