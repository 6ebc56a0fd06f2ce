export interface BottleneckOptions {
  readonly rateBps: number;
  /** Time that a datagram waits at most in the queue. One that would wait longer is dropped. */
  readonly maxQueueMs: number;
  /** Time from the end of the queue to the other side. */
  readonly delayMs: number;
}

/** Headers of UDP and IPv4. */
const OVERHEAD_BYTES = 28;

/** A link of limited rate with a queue that drops at its tail: decides when each datagram arrives. */
export class Bottleneck {
  #options: BottleneckOptions;
  /** Time at which all that is queued has been sent. */
  #busyUntilMs = 0;
  /** Datagrams that found the queue full. */
  dropped = 0;

  constructor(options: BottleneckOptions) {
    this.#options = options;
  }

  /** Changes the rate for datagrams that come from now on. */
  setRate(rateBps: number): void {
    this.#options = { ...this.#options, rateBps };
  }

  /** Takes a datagram. Returns the time of its arrival, or undefined if it is dropped. Arrivals are in the order of the calls. */
  arrivalMs(sizeBytes: number, nowMs: number): number | undefined {
    const { rateBps, maxQueueMs, delayMs } = this.#options;
    const startMs = Math.max(nowMs, this.#busyUntilMs);
    if (startMs - nowMs > maxQueueMs) {
      this.dropped++;
      return undefined;
    }
    this.#busyUntilMs = startMs + ((sizeBytes + OVERHEAD_BYTES) * 8_000) / rateBps;
    return this.#busyUntilMs + delayMs;
  }
}
