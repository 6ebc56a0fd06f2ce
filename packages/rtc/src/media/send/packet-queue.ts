/** A track that has packets waiting. */
export interface WaitingTrack {
  /** Sends a packet that has waited, out of the packet history. Returns its size in bytes, or 0 if it is not kept any more. */
  leave(index: number, isRetransmission: boolean, nowMs: number): number;
  /** Packets of the track that have waited were dropped: it continues with a key frame. */
  abandon(): void;
}

/** Packets that wait for a receiver, in the order in which they came. A fixed ring, made with the first of them. */
export class PacketQueue {
  readonly #capacity: number;
  #tracks: (WaitingTrack | undefined)[] = [];
  #indices = NO_NUMBERS;
  #sinceMs = NO_NUMBERS;
  #first = 0;
  #length = 0;

  /** Takes how many packets may wait. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#length;
  }

  /** The track of the first packet; undefined if it does not wait any more, or none does. */
  get track(): WaitingTrack | undefined {
    return this.#tracks[this.#first];
  }

  /** Number of the first packet in the stream of its track. */
  get index(): number {
    return this.#indices[this.#first]!;
  }

  /** Time since when the first packet waits. */
  get sinceMs(): number {
    return this.#sinceMs[this.#first]!;
  }

  /** Returns for how long the oldest packet has waited that still waits, 0 if none does. */
  ageMs(nowMs: number): number {
    for (let position = 0; position < this.#length; position++) {
      const place = (this.#first + position) % this.#capacity;
      if (this.#tracks[place] !== undefined) return nowMs - this.#sinceMs[place]!;
    }
    return 0;
  }

  /** Adds a packet. Returns false if there is no room. */
  push(track: WaitingTrack, index: number, nowMs: number): boolean {
    if (this.#length === this.#capacity) return false;
    if (this.#tracks.length === 0) {
      this.#tracks = Array.from({ length: this.#capacity }, () => undefined);
      this.#indices = new Float64Array(this.#capacity);
      this.#sinceMs = new Float64Array(this.#capacity);
    }
    const place = (this.#first + this.#length) % this.#capacity;
    this.#tracks[place] = track;
    this.#indices[place] = index;
    this.#sinceMs[place] = nowMs;
    this.#length++;
    return true;
  }

  /** Removes the first packet. */
  shift(): void {
    this.#tracks[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.#capacity;
    this.#length--;
  }

  /** Lets no packet of a track wait any more, and returns how many did. Their places stay until it is their turn. */
  forget(track: WaitingTrack): number {
    let count = 0;
    for (let place = 0; place < this.#tracks.length; place++) {
      if (this.#tracks[place] !== track) continue;
      this.#tracks[place] = undefined;
      count++;
    }
    return count;
  }
}

const NO_NUMBERS = new Float64Array(0);
