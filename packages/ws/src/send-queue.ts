import { check, type Timers, validate } from '@rtcd/boundary';
import { WsError } from './errors.ts';
import { PatientTimer } from './patient-timer.ts';

/** Limits of one connection's send queue. */
export interface SendQueueLimits {
  readonly maxMessageBytes: number;
  readonly maxQueueMessages: number;
  readonly maxQueueBytes: number;
  /** Longest time in which not one message gets out. */
  readonly writeTimeoutMs: number;
}

export interface SendQueueOwner {
  /** Hands one message to the socket; `written` is called (never before `write` returns) when the system took it. */
  write(bytes: Uint8Array, written: () => void): void;
  /** Nothing got out for `writeTimeoutMs`. */
  onStalled(): void;
  /** The last message got out. */
  onDrained(): void;
}

/**
 * Bytes given to the socket at once. Enough to keep it busy; small enough that a ping or close frame, which goes
 * past this queue, does not wait behind megabytes, and that the write deadline measures progress.
 */
const IN_FLIGHT_BYTES = 64 * 1024;

/** The bounded queue in front of one socket: its fullness is an error to the sender, its standstill ends the connection. */
export class SendQueue {
  readonly #limits: SendQueueLimits;
  readonly #owner: SendQueueOwner;
  readonly #deadline: PatientTimer;
  readonly #waiting: Uint8Array[] = [];
  #state: 'held' | 'flowing' | 'stopped' = 'held';
  #messages = 0;
  #bytes = 0;
  #inFlightBytes = 0;

  constructor(limits: SendQueueLimits, clock: Timers, owner: SendQueueOwner) {
    this.#limits = limits;
    this.#owner = owner;
    this.#deadline = new PatientTimer(clock, () => owner.onStalled());
  }

  /** Messages taken and not yet written, the ones in flight included. */
  get messages(): number {
    return this.#messages;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes the message over: the caller must not change the bytes any more. */
  push(bytes: Uint8Array): void {
    const { maxMessageBytes, maxQueueMessages, maxQueueBytes } = this.#limits;
    if (this.#state === 'stopped') throw new WsError('closed', 'cannot send: the connection is closed');
    validate('message', bytes, check.bytes, (text) => new WsError('invalid_message', text));
    if (bytes.length > maxMessageBytes) {
      throw new WsError('too_large', `cannot send ${bytes.length} bytes: the limit is ${maxMessageBytes}`);
    }
    if (this.#messages >= maxQueueMessages || this.#bytes + bytes.length > maxQueueBytes) {
      throw new WsError(
        'queue_full',
        `cannot send: the queue is full (${this.#messages} messages, ${this.#bytes} bytes)`,
      );
    }
    this.#messages += 1;
    this.#bytes += bytes.length;
    this.#waiting.push(bytes);
    this.#pump();
  }

  /** The socket is open: what was queued before goes out now. */
  start(): void {
    if (this.#state !== 'held') return;
    this.#state = 'flowing';
    this.#pump();
  }

  /** Drops everything that is left; the socket is gone. */
  stop(): void {
    this.#state = 'stopped';
    this.#deadline.stop();
    this.#waiting.length = 0;
    this.#messages = 0;
    this.#bytes = 0;
  }

  #pump(): void {
    while (this.#state === 'flowing' && this.#inFlightBytes < IN_FLIGHT_BYTES) {
      const bytes = this.#waiting.shift();
      if (bytes === undefined) return;
      this.#inFlightBytes += bytes.length;
      if (!this.#deadline.isRunning) this.#deadline.start(this.#limits.writeTimeoutMs);
      this.#owner.write(bytes, () => this.#onWritten(bytes.length));
    }
  }

  #onWritten(sizeBytes: number): void {
    if (this.#state === 'stopped') return;
    this.#inFlightBytes -= sizeBytes;
    this.#messages -= 1;
    this.#bytes -= sizeBytes;
    this.#deadline.stop();
    if (this.#messages === 0) {
      this.#owner.onDrained();
      return;
    }
    if (this.#messages > this.#waiting.length) this.#deadline.start(this.#limits.writeTimeoutMs);
    this.#pump();
  }
}
