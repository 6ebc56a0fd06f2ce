import type { BlockCipher } from './block-cipher.ts';
import { AES_BLOCK_BYTES, MAX_PACKET_BYTES } from './limits.ts';
import { rtcpSsrc, rtpSequenceNumber, rtpSsrc } from './packet-format.ts';

/** One block more than a packet holds, for the one that masks a GCM tag. */
const MAX_BLOCKS = Math.ceil(MAX_PACKET_BYTES / AES_BLOCK_BYTES) + 1;

/** A block in 32-bit and in 16-bit words. Words are only copied, so the machine's byte order does not matter. */
const BLOCK_WORDS = AES_BLOCK_BYTES / 4;
const BLOCK_HALVES = AES_BLOCK_BYTES / 2;

/** What a packet's keystream is made with. */
export interface CipherAndSalt {
  readonly cipher: BlockCipher;
  readonly salt: Uint8Array;
}

/**
 * Counter mode on a cipher that does whole blocks: one buffer of counter blocks, encrypted in one call.
 *
 *      0                       14      16
 *     +---------------------------+-----+
 *     |            IV             |  n  |   block n
 *     +---------------------------+-----+
 *
 * The counters stay as they are and only IVs are written anew for a packet. AES-CM uses all 14 bytes and counts from 0; GCM uses
 * 12 and counts from 1 (2 for the first byte of text), and its counter's upper half stays 0, as no packet has 65,536 blocks.
 */
export class CounterKeystream {
  readonly #ssrcOffset: number;
  readonly #iv = new Uint8Array(AES_BLOCK_BYTES);
  readonly #ivWords = new Uint32Array(this.#iv.buffer);
  readonly #ivHalves = new Uint16Array(this.#iv.buffer);
  readonly #words: Uint32Array;
  readonly #halves: Uint16Array;
  /** One view per number of blocks, so that none is made per packet. */
  readonly #views: Uint8Array[];

  /** `ssrcOffset` is where in the IV the SSRC comes to stand; the 48-bit packet index follows it in both profiles. */
  constructor(options: { firstCounter: 0 | 1; ssrcOffset: number }) {
    this.#ssrcOffset = options.ssrcOffset;
    const blocks = new Uint8Array(MAX_BLOCKS * AES_BLOCK_BYTES);
    for (let block = 0; block < MAX_BLOCKS; block++) {
      blocks[block * AES_BLOCK_BYTES + AES_BLOCK_BYTES - 1] = block + options.firstCounter;
    }
    this.#words = new Uint32Array(blocks.buffer);
    this.#halves = new Uint16Array(blocks.buffer);
    this.#views = Array.from({ length: MAX_BLOCKS + 1 }, (_, count) => blocks.subarray(0, count * AES_BLOCK_BYTES));
  }

  /** At least `byteLength` bytes for the RTP packet that begins with `header`: at most MAX_PACKET_BYTES and a block. */
  forRtp(keys: CipherAndSalt, header: Uint8Array, rolloverCounter: number, byteLength: number): Uint8Array {
    const indexLow32 = (rolloverCounter << 16) | rtpSequenceNumber(header);
    this.#setIv(keys.salt, rtpSsrc(header), rolloverCounter >>> 16, indexLow32);
    return this.#generate(keys.cipher, byteLength);
  }

  /** The same for a compound RTCP packet and its 31-bit index. */
  forRtcp(keys: CipherAndSalt, header: Uint8Array, index: number, byteLength: number): Uint8Array {
    this.#setIv(keys.salt, rtcpSsrc(header), 0, index);
    return this.#generate(keys.cipher, byteLength);
  }

  /** The salt, with SSRC and index laid over by exclusive or (RFC 3711 section 4.1.1, RFC 7714 sections 8.1 and 9.1). */
  #setIv(salt: Uint8Array, ssrc: number, indexHigh16: number, indexLow32: number): void {
    const iv = this.#iv;
    const at = this.#ssrcOffset;
    for (let i = 0; i < salt.length; i++) iv[i] = salt[i]!;
    iv[at]! ^= ssrc >>> 24;
    iv[at + 1]! ^= ssrc >>> 16;
    iv[at + 2]! ^= ssrc >>> 8;
    iv[at + 3]! ^= ssrc;
    iv[at + 4]! ^= indexHigh16 >>> 8;
    iv[at + 5]! ^= indexHigh16;
    iv[at + 6]! ^= indexLow32 >>> 24;
    iv[at + 7]! ^= indexLow32 >>> 16;
    iv[at + 8]! ^= indexLow32 >>> 8;
    iv[at + 9]! ^= indexLow32;
  }

  #generate(cipher: BlockCipher, byteLength: number): Uint8Array {
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
