import { CYCLE, timestampDelta } from './sequence.ts';

export interface SequenceRewriterOptions {
  /** Sequence number of the first packet, random. Below 32768, else a receiver that misses the first wrap guesses the rollover counter wrong (RFC 3711 section 3.3.1). */
  readonly sequenceNumber: number;
  /** Timestamp of the first packet, random. */
  readonly timestamp: number;
  /** Timestamp ticks per second. */
  readonly clockRate: number;
}

/**
 * A source that skips more packets than this has restarted (RFC 3550 appendix A.1, MAX_DROPOUT). The gap is closed: receivers cannot
 * follow one of 32768 or more, as they guess SRTP's rollover counter.
 */
const MAX_GAP = 3_000;

/** Clocks of two sources that are further from what passed on ours were not described truly. */
const MAX_MISALIGNMENT_SECONDS = 2;

/**
 * Makes one outgoing stream out of whatever sources it is fed from: sequence numbers continue without a gap of our making,
 * timestamps continue in step with the clock, losses and reordering of the source stay visible. `rewrite` leaves its
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
  #aheadTicks: number | undefined;

  constructor({ sequenceNumber, timestamp, clockRate }: SequenceRewriterOptions) {
    this.#clockRate = clockRate;
    this.#highestIndex = sequenceNumber - 1;
    this.#firstIndex = sequenceNumber;
    this.#highestTimestamp = timestamp;
  }

  /**
   * The next packet comes from another source (another sender, another simulcast layer), or from the same one after it was
   * not forwarded for a while (mute): it follows the last one directly. `aheadTicks` is by how much the clock of the last source is
   * ahead of the new one's, if that is known; else the time that passes determines how far the timestamps continue.
   */
  switchSource(aheadTicks?: number): void {
    this.#switching = true;
    this.#aheadTicks = aheadTicks;
  }

  /** Returns the outgoing timestamp of a moment that has `sourceTimestamp` at the source of the packet that was placed last. */
  toOutgoingTimestamp(sourceTimestamp: number): number {
    return (sourceTimestamp + this.#timestampOffset) >>> 0;
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
    this.timestamp = this.toOutgoingTimestamp(sourceTimestamp);
    if (index >= this.#highestIndex) {
      this.#highestIndex = index;
      this.#highestTimestamp = this.timestamp;
      this.#highestSentMs = nowMs;
    }
    return true;
  }

  #join(sourceIndex: number, sourceTimestamp: number, nowMs: number): void {
    const timestamp = this.#highestTimestamp + this.#ticksSinceHighest(sourceTimestamp, nowMs);
    this.#timestampOffset = (timestamp - sourceTimestamp) >>> 0;
    this.#highestIndex++;
    this.#firstIndex = this.#highestIndex;
    this.#indexOffset = this.#highestIndex - sourceIndex;
    this.#switching = false;
    this.#aheadTicks = undefined;
  }

  /**
   * Advance of timestamps at a switch, one tick at least. Timestamps of two sources have nothing to do with each other, so the time
   * that passed on our clock determines that, unless the distance of the sources' clocks is known and does not contradict it.
   */
  #ticksSinceHighest(sourceTimestamp: number, nowMs: number): number {
    if (this.#highestSentMs === undefined) return 0;
    const passedTicks = Math.round(((nowMs - this.#highestSentMs) * this.#clockRate) / 1000);
    if (this.#aheadTicks === undefined) return Math.max(1, passedTicks);
    const aligned = this.toOutgoingTimestamp(sourceTimestamp + this.#aheadTicks);
    const ticks = timestampDelta(aligned, this.#highestTimestamp);
    const isPlausible = Math.abs(ticks - passedTicks) < MAX_MISALIGNMENT_SECONDS * this.#clockRate;
    return Math.max(1, isPlausible ? ticks : passedTicks);
  }
}
