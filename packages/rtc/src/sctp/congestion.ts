// Congestion control, RFC 9260 section 7.2. Sizes are those of DATA chunks, headers included, so that many tiny
// messages count for what they cost the path.

import { tsnAfter } from './tsn.ts';

// Section 7.2.1: at most four packets, or 4404 bytes if that is at least two of them.
const INITIAL_WINDOW_BYTES = 4404;
// Section 6.1 rule D: packets that may leave at once however large the window is.
const MAX_BURST_PACKETS = 4;

export class CongestionControl {
  readonly #packetBytes: number;
  #windowBytes: number;
  // Arbitrarily high at first (section 7.2.1).
  #slowStartThresholdBytes = Number.POSITIVE_INFINITY;
  #partialBytesAcked = 0;
  // In fast recovery: the highest TSN outstanding when it began. It ends when that one is acknowledged.
  #recoveryExitTsn: number | undefined;

  constructor(packetBytes: number) {
    this.#packetBytes = packetBytes;
    this.#windowBytes = Math.min(4 * packetBytes, Math.max(2 * packetBytes, INITIAL_WINDOW_BYTES));
  }

  get windowBytes(): number {
    return this.#windowBytes;
  }

  get inFastRecovery(): boolean {
    return this.#recoveryExitTsn !== undefined;
  }

  /** Limit of bytes in flight after a burst that begins with `flightBytes` in flight. */
  burstLimit(flightBytes: number): number {
    return Math.min(this.#windowBytes, flightBytes + MAX_BURST_PACKETS * this.#packetBytes);
  }

  /** The cumulative TSN has advanced. `flightBefore` is what was in flight until then. */
  onAcked(ackedBytes: number, cumulativeTsn: number, flightBefore: number, nothingLeft: boolean): void {
    if (this.#recoveryExitTsn !== undefined) {
      if (!tsnAfter(this.#recoveryExitTsn, cumulativeTsn)) this.#recoveryExitTsn = undefined;
      return;
    }
    // The window grows only while it is what holds the sender back (sections 7.2.1 and 7.2.2).
    const fullyUsed = flightBefore + this.#packetBytes >= this.#windowBytes;
    if (this.#windowBytes <= this.#slowStartThresholdBytes) {
      if (fullyUsed) this.#windowBytes += Math.min(ackedBytes, this.#packetBytes);
    } else {
      this.#partialBytesAcked += ackedBytes;
      if (this.#partialBytesAcked >= this.#windowBytes && fullyUsed) {
        this.#partialBytesAcked -= this.#windowBytes;
        this.#windowBytes += this.#packetBytes;
      }
    }
    if (nothingLeft) this.#partialBytesAcked = 0;
  }

  /** Chunks were reported missing three times (section 7.2.4). */
  onFastRetransmit(highestOutstandingTsn: number): void {
    if (this.#recoveryExitTsn !== undefined) return;
    this.#recoveryExitTsn = highestOutstandingTsn;
    this.#halve();
    this.#windowBytes = this.#slowStartThresholdBytes;
  }

  /** T3-rtx expired (section 7.2.3). */
  onTimeout(): void {
    this.#recoveryExitTsn = undefined;
    this.#halve();
    this.#windowBytes = this.#packetBytes;
  }

  /** Nothing was sent for this many timeouts: the window is no longer known to be good (section 7.2.1). */
  onIdle(timeouts: number): void {
    const restart = 4 * this.#packetBytes;
    if (this.#windowBytes > restart) this.#windowBytes = Math.max(this.#windowBytes / 2 ** timeouts, restart);
  }

  #halve(): void {
    this.#slowStartThresholdBytes = Math.max(this.#windowBytes / 2, 4 * this.#packetBytes);
    this.#partialBytesAcked = 0;
  }
}
