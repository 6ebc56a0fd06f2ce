/** A message as it goes out. */
export interface OutgoingMessage {
  readonly type: string;
  readonly bytes: Uint8Array;
}

export interface HeldBackLimits {
  readonly maxMessagesPerClient: number;
  readonly maxBytesPerClient: number;
  /** Limit for all clients together. */
  readonly maxBytes: number;
}

/** A client is away for seconds. In that time a session produces a few offers, some voice activity and at most one `close`. */
const LIMITS: HeldBackLimits = { maxMessagesPerClient: 5_000, maxBytesPerClient: 8 << 20, maxBytes: 64 << 20 };

interface Queue {
  readonly messages: OutgoingMessage[];
  sizeBytes: number;
}

/**
 * Messages for clients that have no connection, until the next one opens. Beyond a client's limits its oldest messages are
 * dropped; beyond the limit for all, everything held for the client that has been away longest.
 */
export class HeldBack {
  readonly #limits: HeldBackLimits;
  /** In the order in which the clients went away. */
  readonly #queues = new Map<string, Queue>();
  #sizeBytes = 0;

  constructor(limits: HeldBackLimits = LIMITS) {
    this.#limits = limits;
  }

  add(clientID: string, message: OutgoingMessage): void {
    const queue = this.#queues.get(clientID) ?? { messages: [], sizeBytes: 0 };
    this.#queues.set(clientID, queue);
    queue.messages.push(message);
    this.#resize(queue, message.bytes.length);
    const { maxMessagesPerClient, maxBytesPerClient, maxBytes } = this.#limits;
    while (queue.messages.length > maxMessagesPerClient || queue.sizeBytes > maxBytesPerClient) {
      this.#resize(queue, -queue.messages.shift()!.bytes.length);
    }
    while (this.#sizeBytes > maxBytes) {
      const [longestAway] = this.#queues.keys();
      this.take(longestAway!);
    }
  }

  /** Hands over all messages for a client, in order. */
  take(clientID: string): readonly OutgoingMessage[] {
    const queue = this.#queues.get(clientID);
    if (queue === undefined) return [];
    this.#queues.delete(clientID);
    this.#sizeBytes -= queue.sizeBytes;
    return queue.messages;
  }

  #resize(queue: Queue, bytes: number): void {
    queue.sizeBytes += bytes;
    this.#sizeBytes += bytes;
  }
}
