/** A message as it goes out. */
export interface OutgoingMessage {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** A client is away for seconds; what a session says in that time is a few offers and some voice activity. */
const MAX_MESSAGES = 64;
const MAX_BYTES = 128 * 1024;

/** Messages of a session whose connection is gone, until the client says `reconnect`. The oldest give way. */
export class HeldBack {
  #messages: OutgoingMessage[] = [];
  #sizeBytes = 0;

  add(message: OutgoingMessage): void {
    this.#messages.push(message);
    this.#sizeBytes += message.bytes.length;
    while (this.#messages.length > MAX_MESSAGES || this.#sizeBytes > MAX_BYTES) {
      this.#sizeBytes -= this.#messages.shift()!.bytes.length;
    }
  }

  /** Hands all messages over, in order. */
  take(): readonly OutgoingMessage[] {
    const messages = this.#messages;
    this.#messages = [];
    this.#sizeBytes = 0;
    return messages;
  }
}
