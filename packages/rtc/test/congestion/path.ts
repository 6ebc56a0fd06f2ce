import type { EventQueue } from './event-queue.ts';

/** Capacity over time: from each moment on, so many bits per second. */
export type Capacity = readonly (readonly [fromMs: number, bps: number])[];

/** A bottleneck: a queue with tail drop in front of a link whose capacity changes. Flows share it. */
export class Bottleneck {
  readonly #events: EventQueue;
  readonly #capacity: Capacity;
  readonly #queueMs: number;
  #queue: { readonly sizeBytes: number; readonly sinceMs: number; readonly pass: (queuedMs: number) => void }[] = [];
  #head = 0;
  #queuedBytes = 0;

  constructor(events: EventQueue, capacity: Capacity, queueMs = 300) {
    this.#events = events;
    this.#capacity = capacity;
    this.#queueMs = queueMs;
  }

  capacityBps(nowMs = this.#events.nowMs): number {
    return this.#capacity.findLast(([fromMs]) => fromMs <= nowMs)![1];
  }

  /** Takes a packet, and calls back with its time in the queue when it has passed. Returns false if it was dropped. */
  send(sizeBytes: number, pass: (queuedMs: number) => void): boolean {
    if ((this.#queuedBytes * 8_000) / this.capacityBps() > this.#queueMs) return false;
    this.#queue.push({ sizeBytes, sinceMs: this.#events.nowMs, pass });
    this.#queuedBytes += sizeBytes;
    if (this.#queue.length - this.#head === 1) this.#serve();
    return true;
  }

  #serve(): void {
    const packet = this.#queue[this.#head];
    if (!packet) return;
    const { nowMs } = this.#events;
    this.#events.at(nowMs + (packet.sizeBytes * 8_000) / this.capacityBps(), () => {
      this.#queuedBytes -= packet.sizeBytes;
      if (++this.#head > 1_000) {
        this.#queue = this.#queue.slice(this.#head);
        this.#head = 0;
      }
      packet.pass(nowMs - packet.sinceMs);
      this.#serve();
    });
  }
}

export interface PathOptions {
  readonly events: EventQueue;
  /** In the order in which packets pass them. */
  readonly bottlenecks: readonly Bottleneck[];
  readonly delayMs: number;
  /** Delay beyond that, at a moment. */
  readonly lengthenedMs?: (nowMs: number) => number;
  readonly random: () => number;
  /** Delays a packet beyond `delayMs`. Packets keep their order. */
  readonly jitterMs?: ((random: () => number) => number) | undefined;
  /** Loses a packet at random. */
  readonly isLost?: ((random: () => number) => boolean) | undefined;
}

/** One direction between two peers. */
export class Path {
  readonly #options: PathOptions;
  #lastArrivalMs = 0;

  constructor(options: PathOptions) {
    this.#options = options;
  }

  /** Sends a packet, and calls back with its time in queues if and when it arrives, or when a full queue drops it. */
  send(sizeBytes: number, arrive: (queuedMs: number) => void, onDropped: () => void): void {
    this.#pass(0, sizeBytes, 0, arrive, onDropped);
  }

  #pass(hop: number, sizeBytes: number, queuedMs: number, arrive: (ms: number) => void, onDropped: () => void): void {
    const bottleneck = this.#options.bottlenecks[hop];
    if (!bottleneck) this.#deliver(queuedMs, arrive);
    else if (!bottleneck.send(sizeBytes, (ms) => this.#pass(hop + 1, sizeBytes, queuedMs + ms, arrive, onDropped)))
      onDropped();
  }

  #deliver(queuedMs: number, arrive: (queuedMs: number) => void): void {
    const { events, delayMs, lengthenedMs, random, jitterMs, isLost } = this.#options;
    if (isLost?.(random)) return;
    const atMs = events.nowMs + delayMs + (lengthenedMs?.(events.nowMs) ?? 0) + (jitterMs?.(random) ?? 0);
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, atMs);
    events.at(this.#lastArrivalMs, () => arrive(queuedMs));
  }
}

/** Exponential jitter with this mean. */
export const exponentialJitter =
  (meanMs: number) =>
  (random: () => number): number =>
    -Math.log(1 - random()) * meanMs;

/** Normal jitter, cut off at three standard deviations on either side of the middle: never negative, `maxMs` at most (RFC 8868 section 4.5). */
export const boundedJitter =
  (maxMs: number) =>
  (random: () => number): number => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return (maxMs / 2) * (1 + Math.max(-1, Math.min(1, normal / 3)));
  };

/** Loss of single packets. */
export const randomLoss =
  (ratio: number) =>
  (random: () => number): boolean =>
    random() < ratio;

/** Loss in bursts: all packets while it lasts (Gilbert's model, per packet). */
export function burstLoss(ratio: number, meanLength: number): (random: () => number) => boolean {
  let isBad = false;
  return (random) => {
    isBad = random() < (isBad ? 1 - 1 / meanLength : ratio / (1 - ratio) / meanLength);
    return isBad;
  };
}
