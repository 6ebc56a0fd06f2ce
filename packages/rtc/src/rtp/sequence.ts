/** Signed distance from `from` to `to` in 16-bit serial arithmetic (RFC 1982): -32768 to 32767. */
export function sequenceDelta(to: number, from: number): number {
  return ((to - from) << 16) >> 16;
}

/** The same in 32 bits, for RTP timestamps. */
export function timestampDelta(to: number, from: number): number {
  return (to - from) | 0;
}

/** Sequence numbers until they wrap. */
export const CYCLE = 0x1_0000;

/** A packet's number over all wraps (RFC 3711 section 3.3.1). */
export function packetIndex(rolloverCounter: number, sequenceNumber: number): number {
  return rolloverCounter * CYCLE + sequenceNumber;
}

/** The index of the packet whose 16 bits are `sequenceNumber`, out of all the one nearest to `index`. */
export function nearestIndex(sequenceNumber: number, index: number): number {
  return index + sequenceDelta(sequenceNumber, index % CYCLE);
}

/**
 * Turns 16-bit sequence numbers into an index that does not wrap. Right as long as no number is 32768 or more away from
 * the highest seen. Starts in the second cycle, so that what came late before the first is not below zero.
 */
export class SequenceUnwrapper {
  #highest: number | undefined;

  unwrap(sequenceNumber: number): number {
    if (this.#highest === undefined) {
      this.#highest = CYCLE + sequenceNumber;
      return this.#highest;
    }
    const index = nearestIndex(sequenceNumber, this.#highest);
    if (index > this.#highest) this.#highest = index;
    return index;
  }
}
