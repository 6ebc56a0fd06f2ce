import { CYCLE, nearestIndex } from '../../rtp/sequence.ts';

/** Packets that are remembered until their feedback comes: more than a second at 15 Mbit/s. */
const CAPACITY = 2_048;
/** Headers of RTP, SRTP, UDP and IP. */
const OVERHEAD_BYTES = 60;

/** Numbers the packets that are sent to one receiver, and remembers them until the receiver has reported them. */
export class SentPackets {
  /** Transport-wide sequence number of the next packet, counted on over wraps. */
  #nextIndex = CYCLE;
  /** Per index modulo `CAPACITY`. A size of 0: not sent, or reported already. */
  readonly #indices = new Uint32Array(CAPACITY);
  readonly #sentMs = new Float64Array(CAPACITY);
  readonly #sizes = new Uint16Array(CAPACITY);
  readonly #probes = new Uint8Array(CAPACITY);

  /** Takes note of a packet, and returns its transport-wide sequence number. `probe` is the id of a probe, or 0. */
  add(payloadBytes: number, nowMs: number, probe: number): number {
    const index = this.#nextIndex++;
    const place = index % CAPACITY;
    this.#indices[place] = index;
    this.#sentMs[place] = nowMs;
    this.#sizes[place] = payloadBytes + OVERHEAD_BYTES;
    this.#probes[place] = probe;
    return index % CYCLE;
  }

  /** Index of the packet that was sent last. */
  get lastIndex(): number {
    return this.#nextIndex - 1;
  }

  /** Returns the index of a packet that has not been reported as arrived, by its sequence number; -1 if there is none. */
  find(sequenceNumber: number): number {
    const index = nearestIndex(sequenceNumber, this.#nextIndex);
    const place = index % CAPACITY;
    return index >= 0 && this.#indices[place] === index && this.#sizes[place] !== 0 ? index : -1;
  }

  /** Marks a packet as reported. */
  forget(index: number): void {
    this.#sizes[index % CAPACITY] = 0;
  }

  sentMs(index: number): number {
    return this.#sentMs[index % CAPACITY]!;
  }

  /** Bytes on the wire, with headers. */
  sizeBytes(index: number): number {
    return this.#sizes[index % CAPACITY]!;
  }

  /** Id of the probe that the packet belongs to, or 0. */
  probe(index: number): number {
    return this.#probes[index % CAPACITY]!;
  }
}
