const BUCKETS = 20;

/** Measures a rate over the last `windowMs`. */
export class BitrateMeter {
  readonly #bytes = new Float64Array(BUCKETS);
  readonly #windowMs: number;
  #bucket = 0;
  #totalBytes = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Adds bytes that arrived at `nowMs`, which does not go back. */
  add(bytes: number, nowMs: number): void {
    this.#advance(nowMs);
    const place = this.#bucket % BUCKETS;
    this.#bytes[place] = this.#bytes[place]! + bytes;
    this.#totalBytes += bytes;
  }

  /** Returns the rate in bits per second. */
  bitrateBps(nowMs: number): number {
    this.#advance(nowMs);
    return (this.#totalBytes * 8 * 1_000) / this.#windowMs;
  }

  /** Forgets all bytes, and takes any time as the next one. */
  reset(): void {
    this.#bytes.fill(0);
    this.#totalBytes = 0;
    this.#bucket = 0;
  }

  #advance(nowMs: number): void {
    const bucket = Math.floor((nowMs * BUCKETS) / this.#windowMs);
    const stale = Math.min(bucket - this.#bucket, BUCKETS);
    for (let step = 0; step < stale; step++) {
      const place = (bucket - step) % BUCKETS;
      this.#totalBytes -= this.#bytes[place]!;
      this.#bytes[place] = 0;
    }
    if (bucket > this.#bucket) this.#bucket = bucket;
  }
}
