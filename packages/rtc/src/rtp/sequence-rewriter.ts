import { CYCLE } from './sequence.ts';
import { type TimestampClock, TimestampRewriter } from './timestamp-rewriter.ts';

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

  readonly #timestamps: TimestampRewriter;
  /** Index of a packet: its sequence number, counted on over wraps. That of the packet that was sent furthest ahead. */
  #highestIndex: number;
  /** Added to the source's indices. */
  #indexOffset = 0;
  /** Index of the first packet from this source; those before it belong to another time. */
  #firstIndex: number;
  #switching = true;

  constructor({ sequenceNumber, timestamp, clockRate }: SequenceRewriterOptions) {
    this.#timestamps = new TimestampRewriter({ timestamp, clockRate });
    this.#highestIndex = sequenceNumber - 1;
    this.#firstIndex = sequenceNumber;
  }

  /**
   * The next packet comes from another source (another sender, another simulcast layer), or from the same one after it was
   * not forwarded for a while (mute): it follows the last one directly.
   */
  switchSource(): void {
    this.#switching = true;
  }

  /** Returns the outgoing timestamp of a moment. */
  timestampAt(nowMs: number): number {
    return this.#timestamps.at(nowMs);
  }

  /**
   * Places a packet of the source; false if it must not be sent, as it is older than the switch to this source. The source names its
   * packets by indices of which none comes twice between two switches.
   */
  rewrite(sourceIndex: number, sourceTimestamp: number, nowMs: number, clock?: TimestampClock): boolean {
    const isBeyondReach = sourceIndex + this.#indexOffset > this.#highestIndex + MAX_GAP;
    if (this.#switching || isBeyondReach) this.#join(sourceIndex, sourceTimestamp, nowMs, clock);
    const index = sourceIndex + this.#indexOffset;
    if (index < this.#firstIndex) return false;

    this.sequenceNumber = index % CYCLE;
    this.rolloverCounter = Math.floor(index / CYCLE);
    this.timestamp = this.#timestamps.rewrite(sourceTimestamp);
    if (index >= this.#highestIndex) {
      this.#highestIndex = index;
      this.#timestamps.sent(this.timestamp, nowMs);
    }
    return true;
  }

  #join(sourceIndex: number, sourceTimestamp: number, nowMs: number, clock: TimestampClock | undefined): void {
    this.#timestamps.join(sourceTimestamp, nowMs, clock);
    this.#highestIndex++;
    this.#firstIndex = this.#highestIndex;
    this.#indexOffset = this.#highestIndex - sourceIndex;
    this.#switching = false;
  }
}
