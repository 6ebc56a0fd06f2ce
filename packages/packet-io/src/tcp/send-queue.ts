import { FRAME_HEADER_BYTES, frameOf } from './frame-parser.ts';

/** Age at which waiting media is of no use any more: receivers have concealed the gap, or asked for a key frame. */
export const MAX_MEDIA_AGE_MS = 400;
/** Media that may wait: 5 Mbit/s for as long as it is of use. */
export const MAX_MEDIA_BYTES = 256 * 1024;
/** STUN and DTLS that may wait. Both are repeated by their senders. */
export const MAX_CONTROL_BYTES = 64 * 1024;
/** Bytes handed over at a time. What a socket has been handed cannot be dropped any more. */
const MAX_TAKEN_BYTES = 16 * 1024;

/** Counters of datagrams that did not get through the queue. */
export interface SendQueueCounters {
  expiredDrops: number;
  queueFullDrops: number;
}

/** Bytes that wait in all queues together. */
export interface QueueBudget {
  readonly maxBytes: number;
  usedBytes: number;
}

interface Waiting {
  readonly frame: Buffer;
  readonly sinceMs: number;
}

/**
 * Frames for a connection that takes bytes more slowly than they come. Media waits for a limited time, and control goes first. Frames are dropped as a whole, so that
 * the stream stays a sequence of frames.
 */
export class SendQueue {
  readonly #counters: SendQueueCounters;
  readonly #budget: QueueBudget;
  readonly #control = new Lane();
  readonly #media = new Lane();

  constructor(counters: SendQueueCounters, budget: QueueBudget) {
    this.#counters = counters;
    this.#budget = budget;
  }

  get isEmpty(): boolean {
    return this.#control.isEmpty && this.#media.isEmpty;
  }

  /** Copies a datagram to the end of the queue, if there is room. Of media, the oldest makes room. */
  push(datagram: Uint8Array, nowMs: number): void {
    this.#expire(nowMs);
    const sizeBytes = FRAME_HEADER_BYTES + datagram.length;
    const isMedia = isRtp(datagram);
    const lane = isMedia ? this.#media : this.#control;
    if (isMedia) while (!lane.isEmpty && lane.sizeBytes + sizeBytes > MAX_MEDIA_BYTES) this.#drop(lane);
    const isFull = !isMedia && lane.sizeBytes + sizeBytes > MAX_CONTROL_BYTES;
    if (isFull || this.#budget.usedBytes + sizeBytes > this.#budget.maxBytes) {
      this.#counters.queueFullDrops++;
      return;
    }
    lane.push({ frame: frameOf(datagram), sinceMs: nowMs });
    this.#budget.usedBytes += sizeBytes;
  }

  /** Removes the next frames, some kilobytes of them, and returns them in one piece. Undefined if nothing of use waits. */
  take(nowMs: number): { readonly bytes: Buffer; readonly frames: number } | undefined {
    this.#expire(nowMs);
    const taken: Buffer[] = [];
    let sizeBytes = 0;
    for (const lane of [this.#control, this.#media]) {
      for (let next = lane.first; next !== undefined; next = lane.first) {
        if (taken.length > 0 && sizeBytes + next.frame.length > MAX_TAKEN_BYTES) break;
        taken.push(next.frame);
        sizeBytes += next.frame.length;
        this.#remove(lane);
      }
    }
    if (taken.length === 0) return undefined;
    return { bytes: Buffer.concat(taken, sizeBytes), frames: taken.length };
  }

  /** Forgets what waits: the connection is gone. */
  clear(): void {
    for (const lane of [this.#control, this.#media]) while (!lane.isEmpty) this.#remove(lane);
  }

  #expire(nowMs: number): void {
    for (let first = this.#media.first; first !== undefined; first = this.#media.first) {
      if (nowMs - first.sinceMs < MAX_MEDIA_AGE_MS) return;
      this.#remove(this.#media);
      this.#counters.expiredDrops++;
    }
  }

  #drop(lane: Lane): void {
    this.#remove(lane);
    this.#counters.queueFullDrops++;
  }

  #remove(lane: Lane): void {
    this.#budget.usedBytes -= lane.shift();
  }
}

/** Frames of one kind, in the order in which they came. */
class Lane {
  readonly #waiting: Waiting[] = [];
  sizeBytes = 0;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  get first(): Waiting | undefined {
    return this.#waiting[0];
  }

  push(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.sizeBytes += waiting.frame.length;
  }

  /** Removes the first frame, and returns its size. */
  shift(): number {
    const sizeBytes = this.#waiting.shift()?.frame.length ?? 0;
    this.sizeBytes -= sizeBytes;
    return sizeBytes;
  }
}

/** RTP and RTCP, protected or not, by the first byte (RFC 7983 section 7). */
const isRtp = (datagram: Uint8Array): boolean => datagram[0]! >= 128 && datagram[0]! < 192;
