/** Packets behind the newest one that may be sent again, or late. Receivers drop what is older: no browser has a larger replay window. */
const MAX_BEHIND_PACKETS = 1024;

/**
 * The indices that one stream of a slot uses (RFC 3711 section 3.3.1). One that is further behind than a repetition or a late packet can be means that
 * the numbering has restarted under the same key: two packets would get the same keystream (section 9.1).
 */
export class OutgoingStream {
  #highestIndex = 0;

  /** Reports whether the next packet may have this index. */
  advance(index: number): boolean {
    if (index > this.#highestIndex) this.#highestIndex = index;
    return index > this.#highestIndex - MAX_BEHIND_PACKETS;
  }
}
