/** Packets behind the newest one that may be sent again, or late. Receivers drop what is older: no browser has a larger replay window. */
const MAX_BEHIND_PACKETS = 1024;

/**
 * The indices that one stream of a slot uses (RFC 3711 section 3.3.1). One that is further behind than a repetition or a late packet can be means that
 * the numbering has restarted under the same key: two packets would get the same keystream (section 9.1).
 */
class OutgoingStream {
  #highestIndex = 0;

  /** Reports whether the next packet may have this index. */
  advance(index: number): boolean {
    if (index > this.#highestIndex) this.#highestIndex = index;
    return index > this.#highestIndex - MAX_BEHIND_PACKETS;
  }
}

/** The streams of one slot, by SSRC. */
export class OutgoingStreams {
  readonly #streams = new Map<number, OutgoingStream>();
  #lastKey = 0;
  #last: OutgoingStream | undefined;

  /** Finds a stream, or begins it. Packets come in runs of one stream, so the last one is at hand. */
  of(ssrc: number): OutgoingStream {
    const key = ssrc | 0; // numbers over 2^31 would stand in memory of their own
    if (this.#last !== undefined && this.#lastKey === key) return this.#last;
    const stream = this.#streams.get(key) ?? new OutgoingStream();
    this.#streams.set(key, stream);
    this.#lastKey = key;
    this.#last = stream;
    return stream;
  }
}
