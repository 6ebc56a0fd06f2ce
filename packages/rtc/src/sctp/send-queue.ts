import { Fifo } from './fifo.ts';
import { ssnNext } from './tsn.ts';
import type { SctpSendOptions } from './types.ts';

/** Overhead of a queued message besides its bytes; charged so that many tiny ones stay within the bound too. */
export const MESSAGE_OVERHEAD_BYTES = 64;

interface QueuedMessage {
  readonly streamId: number;
  readonly ppid: number;
  readonly unordered: boolean;
  readonly data: Uint8Array;
  readonly onAcknowledged: ((nowMs: number) => void) | undefined;
  ssn: number;
  sentBytes: number;
}

/** Part of a message, as much as one chunk carries. */
export interface Fragment {
  readonly streamId: number;
  readonly ssn: number;
  readonly ppid: number;
  readonly unordered: boolean;
  readonly begin: boolean;
  readonly end: boolean;
  readonly payload: Uint8Array;
  /** The sender waits for the acknowledgement of the message, and this is its last fragment. */
  readonly onAcknowledged?: (nowMs: number) => void;
}

interface OutboundStream {
  nextSsn: number;
  queuedMessages: number;
  /** Being reset: new messages wait until the peer has agreed. */
  paused: boolean;
}

/** Messages on their way out, cut into fragments as room comes up. One message at a time: I-DATA is not spoken. */
export class SendQueue {
  readonly #messages = new Fifo<QueuedMessage>();
  readonly #streams = new Map<number, OutboundStream>();
  #held: QueuedMessage[] = [];
  #bufferedBytes = 0;

  /** Bytes not yet sent for the first time, overhead included. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  /** Takes ownership of `data`. */
  push(streamId: number, ppid: number, data: Uint8Array, options: SctpSendOptions = {}): void {
    const { unordered = false, onAcknowledged } = options;
    const stream = this.#stream(streamId);
    const message = { streamId, ppid, unordered, data, onAcknowledged, ssn: 0, sentBytes: 0 };
    this.#bufferedBytes += data.length + MESSAGE_OVERHEAD_BYTES;
    if (stream.paused) this.#held.push(message);
    else this.#enqueue(stream, message);
  }

  /** Bytes of the next message that are still to be sent; 0 if there is none. */
  get nextBytes(): number {
    const message = this.#messages.at(0);
    return message === undefined ? 0 : message.data.length - message.sentBytes;
  }

  /** Cuts up to `maxBytes` off the next message. The queue is not empty. */
  take(maxBytes: number): Fragment {
    const message = this.#messages.at(0)!;
    const { streamId, ppid, unordered, data, onAcknowledged, sentBytes } = message;
    const stream = this.#stream(streamId);
    const begin = sentBytes === 0;
    if (begin && !unordered) {
      message.ssn = stream.nextSsn;
      stream.nextSsn = ssnNext(stream.nextSsn);
    }
    const payload = data.subarray(sentBytes, sentBytes + maxBytes);
    message.sentBytes += payload.length;
    this.#bufferedBytes -= payload.length;
    const end = message.sentBytes === data.length;
    if (end) {
      this.#messages.shift();
      this.#bufferedBytes -= MESSAGE_OVERHEAD_BYTES;
      stream.queuedMessages -= 1;
    }
    const fragment = { streamId, ssn: message.ssn, ppid, unordered, begin, end, payload };
    return end && onAcknowledged ? { ...fragment, onAcknowledged } : fragment;
  }

  /** Holds back what is pushed to this stream from now on. */
  pause(streamId: number): void {
    this.#stream(streamId).paused = true;
  }

  isPaused(streamId: number): boolean {
    return this.#streams.get(streamId)?.paused ?? false;
  }

  /** Reports whether all that was pushed before the pause has been sent. */
  isDrained(streamId: number): boolean {
    return (this.#streams.get(streamId)?.queuedMessages ?? 0) === 0;
  }

  /** Resumes a paused stream, with SSN 0 if it was reset. */
  resume(streamId: number, reset: boolean): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    stream.paused = false;
    if (reset) stream.nextSsn = 0;
    const held = this.#held;
    this.#held = held.filter((message) => message.streamId !== streamId);
    for (const message of held) if (message.streamId === streamId) this.#enqueue(stream, message);
    if (stream.queuedMessages === 0 && stream.nextSsn === 0) this.#streams.delete(streamId);
  }

  #enqueue(stream: OutboundStream, message: QueuedMessage): void {
    stream.queuedMessages += 1;
    this.#messages.push(message);
  }

  #stream(streamId: number): OutboundStream {
    let stream = this.#streams.get(streamId);
    if (stream === undefined) {
      stream = { nextSsn: 0, queuedMessages: 0, paused: false };
      this.#streams.set(streamId, stream);
    }
    return stream;
  }
}
