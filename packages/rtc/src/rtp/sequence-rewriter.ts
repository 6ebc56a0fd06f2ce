import { CYCLE } from './sequence.ts';

export interface SequenceRewriterOptions {
  /** Of the first packet, random. Below 32768, else a receiver that misses the first wrap guesses the rollover counter wrong (RFC 3711 section 3.3.1). */
  readonly sequenceNumber: number;
  /** Of the first packet, random. */
  readonly timestamp: number;
  /** Timestamp ticks per second. */
  readonly clockRate: number;
}

/**
 * A source that skips more packets than this has begun anew (RFC 3550 appendix A.1, MAX_DROPOUT). The gap is closed: receivers cannot
 * follow one of 32768 or more, as they guess SRTP's rollover counter.
 */
const MAX_GAP = 3_000;

/**
 * Makes one outgoing stream out of whatever sources it is fed from: sequence numbers go on without a gap of our making,
 * timestamps go on in step with the clock, losses and reordering of the source stay visible. `rewrite` leaves its
 * result in the object's fields, so that nothing is made per packet.
 */
export class SequenceRewriter {
  sequenceNumber = 0;
  timestamp = 0;
  /** SRTP's upper 32 bits of the packet index (RFC 3711 section 3.3.1): right for late packets from before a wrap too. */
  rolloverCounter = 0;

  readonly #clockRate: number;
  /** Index of a packet: its sequence number, counted on over wraps. That of the packet that was sent furthest ahead. */
  #highestIndex: number;
  /** Added to the source's indices. */
  #indexOffset = 0;
  /** Index of the first packet from this source; those before it belong to another time. */
  #firstIndex: number;
  /** Added to the source's timestamps, modulo 2^32. */
  #timestampOffset = 0;
  #highestTimestamp: number;
  #highestSentMs: number | undefined;
  #switching = true;

  constructor({ sequenceNumber, timestamp, clockRate }: SequenceRewriterOptions) {
    this.#clockRate = clockRate;
    this.#highestIndex = sequenceNumber - 1;
    this.#firstIndex = sequenceNumber;
    this.#highestTimestamp = timestamp;
  }

  /**
   * The next packet comes from another source (another sender, another simulcast layer), or from the same one after it was
   * not forwarded for a while (mute): it follows the last one directly.
   */
  switchSource(): void {
    this.#switching = true;
  }

  /**
   * Places a packet of the source; false if it must not be sent, as it is older than the switch to this source. The source names its
   * packets by indices of which none comes twice between two switches.
   */
  rewrite(sourceIndex: number, sourceTimestamp: number, nowMs: number): boolean {
    const isBeyondReach = sourceIndex + this.#indexOffset > this.#highestIndex + MAX_GAP;
    if (this.#switching || isBeyondReach) this.#join(sourceIndex, sourceTimestamp, nowMs);
    const index = sourceIndex + this.#indexOffset;
    if (index < this.#firstIndex) return false;

    this.sequenceNumber = index % CYCLE;
    this.rolloverCounter = Math.floor(index / CYCLE);
    this.timestamp = (sourceTimestamp + this.#timestampOffset) >>> 0;
    if (index >= this.#highestIndex) {
      this.#highestIndex = index;
      this.#highestTimestamp = this.timestamp;
      this.#highestSentMs = nowMs;
    }
    return true;
  }

  /** Timestamps of two sources have nothing to do with each other: what passed on our clock says how far to go on, one tick at least. */
  #join(sourceIndex: number, sourceTimestamp: number, nowMs: number): void {
    let timestamp = this.#highestTimestamp;
    if (this.#highestSentMs !== undefined) {
      timestamp += Math.max(1, Math.round(((nowMs - this.#highestSentMs) * this.#clockRate) / 1000));
    }
    this.#timestampOffset = (timestamp - sourceTimestamp) >>> 0;
    this.#highestIndex++;
    this.#firstIndex = this.#highestIndex;
    this.#indexOffset = this.#highestIndex - sourceIndex;
    this.#switching = false;
  }
}
