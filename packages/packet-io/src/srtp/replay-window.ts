import { SEQUENCE_NUMBERS } from './packet-format.ts';

/**
 * Packets behind the newest one that may still arrive. RFC 3711 section 3.3.2 asks for 64 at least; retransmissions that share
 * their stream's SSRC come late by a round trip, which for video is hundreds of packets.
 */
export const REPLAY_WINDOW_PACKETS = 1024;

/** One word more than the window fills: it starts in the middle of a word and ends in the middle of another. */
const WINDOW_WORDS = REPLAY_WINDOW_PACKETS / 32 + 1;

/**
 * The packet indices seen from one source: the highest, and a ring of bits for those just below it. A word of the ring is cleared
 * when the window moves onto it.
 */
export class ReplayWindow {
  readonly #bits = new Uint32Array(WINDOW_WORDS);
  #highest: number;

  /** Takes the first index as seen. */
  constructor(firstIndex: number) {
    this.#highest = firstIndex;
    this.#mark(firstIndex);
  }

  /**
   * RFC 3711 section 3.3.1: of the indices that end in this sequence number, the one nearest to the highest seen. It is negative
   * for one from before the first packet's cycle.
   */
  estimateIndex(sequenceNumber: number): number {
    const distance = ((sequenceNumber - (this.#highest % SEQUENCE_NUMBERS)) << 16) >> 16;
    return this.#highest + distance;
  }

  /** Reports whether the index is new. Changes nothing: only an authentic packet may. */
  admits(index: number): boolean {
    if (index > this.#highest) return true;
    if (index < 0 || index <= this.#highest - REPLAY_WINDOW_PACKETS) return false;
    return (this.#bits[wordOf(index)]! & (1 << (index & 31))) === 0;
  }

  /** Records the index of an authentic packet that was admitted. */
  accept(index: number): void {
    if (index > this.#highest) {
      const newest = Math.floor(index / 32);
      const oldest = Math.max(Math.floor(this.#highest / 32) + 1, newest - WINDOW_WORDS + 1);
      for (let word = oldest; word <= newest; word++) this.#bits[word % WINDOW_WORDS] = 0;
      this.#highest = index;
    }
    this.#mark(index);
  }

  #mark(index: number): void {
    this.#bits[wordOf(index)]! |= 1 << (index & 31);
  }
}

function wordOf(index: number): number {
  return Math.floor(index / 32) % WINDOW_WORDS;
}
