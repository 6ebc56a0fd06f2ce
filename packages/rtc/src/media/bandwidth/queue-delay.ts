/** Packets that come within this time, and at least so many, are one sample: the least delayed of them waited for no frame of its own. */
const SAMPLE_MS = 75;
const SAMPLE_PACKETS = 3;
/** The recent delay is the least of so many samples, and of more on a path with much jitter. */
const SAMPLES = 2;
const JITTER_SAMPLES = 4;
const MUCH_JITTER_MS = 8;
const JITTER_WEIGHT = 0.05;
/** The delay of the empty path is the least of so long, up to twice this: paths change, and clocks drift. */
const BASE_MS = 15_000;
/** Packets are compared by size, because larger ones take longer over a narrow link: 30 ms of 1,200 bytes at 300 kbit/s. */
const SIZES = 3;
const SIZE_BYTES = 400;

/**
 * Measures how long packets wait on the way to a receiver: by how much the least delay of late exceeds the least there was.
 * Jitter and bursts delay some packets, a queue delays all.
 */
export class QueueDelay {
  /** Least delays of the last samples, beyond that of the empty path. The present one is at `#sample`. */
  readonly #leastMs = new Float64Array(JITTER_SAMPLES).fill(Number.POSITIVE_INFINITY);
  #sample = 0;
  #sampleStartMs = Number.NEGATIVE_INFINITY;
  #samplePackets = 0;
  #jitterMs = 0;
  /** Least delays by size of packet, of the present period and the one before. */
  readonly #baseMs = new Float64Array(SIZES).fill(Number.POSITIVE_INFINITY);
  readonly #lastBaseMs = new Float64Array(SIZES).fill(Number.POSITIVE_INFINITY);
  #baseStartMs = Number.NEGATIVE_INFINITY;

  /** Time in queues, in milliseconds. */
  get ms(): number {
    const samples = this.#jitterMs > MUCH_JITTER_MS ? JITTER_SAMPLES : SAMPLES;
    let recentMs = Number.POSITIVE_INFINITY;
    for (let age = 0; age < samples; age++) recentMs = Math.min(recentMs, this.#leastOf(age));
    return recentMs === Number.POSITIVE_INFINITY ? 0 : recentMs;
  }

  /** Jitter that samples do not hide: the usual difference between one and the next. */
  get jitterMs(): number {
    return this.#jitterMs;
  }

  /** Takes note of a packet. `arrivalMs` is on the receiver's clock. */
  arrived(sizeBytes: number, sentMs: number, arrivalMs: number): void {
    if (sentMs - this.#baseStartMs > BASE_MS) {
      this.#lastBaseMs.set(this.#baseMs);
      this.#baseMs.fill(Number.POSITIVE_INFINITY);
      this.#baseStartMs = sentMs;
    }
    if (sentMs - this.#sampleStartMs > SAMPLE_MS && this.#samplePackets >= SAMPLE_PACKETS) this.#endSample(sentMs);
    const delayMs = arrivalMs - sentMs;
    const size = Math.min(SIZES - 1, Math.floor(sizeBytes / SIZE_BYTES));
    this.#baseMs[size] = Math.min(this.#baseMs[size]!, delayMs);
    this.#samplePackets++;
    this.#leastMs[this.#sample] = Math.min(this.#leastMs[this.#sample]!, delayMs - this.#baseOf(size));
  }

  /** Takes the present delay as that of the empty path. */
  rebase(): void {
    const { ms } = this;
    for (let size = 0; size < SIZES; size++) {
      this.#baseMs[size] = this.#baseOf(size) + ms;
      this.#lastBaseMs[size] = Number.POSITIVE_INFINITY;
    }
    for (let sample = 0; sample < JITTER_SAMPLES; sample++) this.#leastMs[sample] = this.#leastMs[sample]! - ms;
  }

  /** The receiver's clock has restarted. */
  reset(): void {
    this.#leastMs.fill(Number.POSITIVE_INFINITY);
    this.#baseMs.fill(Number.POSITIVE_INFINITY);
    this.#lastBaseMs.fill(Number.POSITIVE_INFINITY);
  }

  #leastOf(age: number): number {
    return this.#leastMs[(this.#sample - age + JITTER_SAMPLES) % JITTER_SAMPLES]!;
  }

  /** Returns the least delay of packets of this size. Larger ones took no less. */
  #baseOf(size: number): number {
    let baseMs = Number.POSITIVE_INFINITY;
    for (let larger = size; larger < SIZES; larger++) {
      baseMs = Math.min(baseMs, this.#baseMs[larger]!, this.#lastBaseMs[larger]!);
    }
    return baseMs;
  }

  #endSample(sentMs: number): void {
    const differenceMs = Math.abs(this.#leastOf(0) - this.#leastOf(1));
    if (Number.isFinite(differenceMs)) this.#jitterMs += JITTER_WEIGHT * (differenceMs - this.#jitterMs);
    this.#sample = (this.#sample + 1) % JITTER_SAMPLES;
    this.#leastMs[this.#sample] = Number.POSITIVE_INFINITY;
    this.#sampleStartMs = sentMs;
    this.#samplePackets = 0;
  }
}
