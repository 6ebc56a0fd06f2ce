/** Packets of a probe that have to arrive for a result. */
const LEAST_PACKETS = 4;
/** A path that delivers more slowly than this share of the sending rate is full: its rate is what arrived, less a little. */
const UNSATURATED = 0.9;
const UTILIZATION = 0.95;
/** Probes that take longer, or arrive faster than twice the rate they were sent at, show nothing. */
const MAX_DURATION_MS = 1_000;
const MAX_COMPRESSION = 2;

/** Measures at which rate the packets of a probe left and arrived. */
export class ProbeMeter {
  #id = 0;
  #packets = 0;
  #bytes = 0;
  #firstSentMs = 0;
  #lastSentMs = 0;
  #lastSentBytes = 0;
  #firstArrivalMs = 0;
  #lastArrivalMs = 0;
  #firstArrivalBytes = 0;

  get id(): number {
    return this.#id;
  }

  /** Takes note of a packet of a probe. Those of a new probe end the one before. */
  arrived(id: number, sizeBytes: number, sentMs: number, arrivalMs: number): void {
    if (id !== this.#id) this.#begin(id, sentMs, arrivalMs);
    this.#packets++;
    this.#bytes += sizeBytes;
    if (sentMs <= this.#firstSentMs) this.#firstSentMs = sentMs;
    if (sentMs >= this.#lastSentMs) {
      this.#lastSentMs = sentMs;
      this.#lastSentBytes = sizeBytes;
    }
    if (arrivalMs <= this.#firstArrivalMs) {
      this.#firstArrivalMs = arrivalMs;
      this.#firstArrivalBytes = sizeBytes;
    }
    if (arrivalMs >= this.#lastArrivalMs) this.#lastArrivalMs = arrivalMs;
  }

  /** Rate that the path has shown to carry, so far; undefined if that is not known. */
  get bps(): number | undefined {
    const sendMs = this.#lastSentMs - this.#firstSentMs;
    const arrivalMs = this.#lastArrivalMs - this.#firstArrivalMs;
    if (this.#packets < LEAST_PACKETS || sendMs <= 0 || sendMs > MAX_DURATION_MS) return undefined;
    if (arrivalMs <= 0 || arrivalMs > MAX_DURATION_MS) return undefined;
    const sendBps = ((this.#bytes - this.#lastSentBytes) * 8_000) / sendMs;
    const arrivalBps = ((this.#bytes - this.#firstArrivalBytes) * 8_000) / arrivalMs;
    if (arrivalBps > MAX_COMPRESSION * sendBps) return undefined;
    return arrivalBps < UNSATURATED * sendBps ? UTILIZATION * arrivalBps : Math.min(sendBps, arrivalBps);
  }

  #begin(id: number, sentMs: number, arrivalMs: number): void {
    this.#id = id;
    this.#packets = 0;
    this.#bytes = 0;
    this.#firstSentMs = sentMs;
    this.#lastSentMs = sentMs;
    this.#firstArrivalMs = arrivalMs;
    this.#lastArrivalMs = arrivalMs;
  }
}
