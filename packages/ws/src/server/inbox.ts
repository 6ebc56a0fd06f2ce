import type { Line, MonotonicTimers, TokenBucket, Turns } from '@rtcd/boundary';
import { Timer } from '../timer.ts';

/** Work of reading any frame, in microseconds: `ws` parses it, and it is delivered or answered. */
const FRAME_US = 50;
/** Bytes that are unmasked, copied, and decoded in one microsecond. */
const BYTES_PER_US = 200;
/** Bytes that may wait before the socket is paused. Its buffers add about as much again, which has been read by then. */
const MAX_WAITING_BYTES = 64 * 1024;
/** Memory that a message takes besides its payload: a flood is of small ones. */
const MESSAGE_OVERHEAD_BYTES = 256;
/** Time for delivering what a sender that has closed had sent before. More of it would be work for many seconds, for a sender that gets no answer. */
const FINISH_LIMIT_MS = 2_000;

export interface InboxOwner {
  /** Stops and starts reading from the socket. Some messages that have been read may still come in while it is stopped. */
  pause(): void;
  resume(): void;
  deliver(bytes: Uint8Array): void;
}

export interface InboxParts {
  readonly turns: Turns;
  readonly clock: MonotonicTimers;
  /** The connection's own budget, and that of its client. */
  readonly budgets: readonly TokenBucket[];
}

/**
 * The messages that one connection has sent, in order. They are delivered in turn with those of other connections, and only while the sender's budgets
 * are not overdrawn. Until then the socket is not read, so that its sender has to wait. It is read again once everything that was read has been
 * delivered: with a budget that is refilled for one message at a time, each pause would otherwise leave more of them here.
 */
export class Inbox implements Line {
  readonly #turns: Turns;
  readonly #clock: MonotonicTimers;
  readonly #budgets: readonly TokenBucket[];
  readonly #owner: InboxOwner;
  readonly #solvent: Timer;
  readonly #finishLimit: Timer;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #onEmpty: (() => void) | undefined;
  #isClosed = false;
  #chargedUs = 0;
  #isPaused = false;

  constructor({ turns, clock, budgets }: InboxParts, owner: InboxOwner) {
    this.#turns = turns;
    this.#clock = clock;
    this.#budgets = budgets;
    this.#owner = owner;
    this.#solvent = new Timer(clock, () => this.#continue());
    this.#finishLimit = new Timer(clock, () => this.close());
  }

  push(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += memoryOf(bytes);
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.#pause();
    if (!this.#solvent.isRunning) this.#turns.add(this);
  }

  /** Charges work in microseconds to the sender, and pauses reading if that overdraws a budget. */
  charge(workUs: number): void {
    this.#chargedUs += workUs;
    for (const budget of this.#budgets) budget.charge(workUs);
    this.#pauseInDebt();
  }

  /** Charges the reading of one frame. */
  chargeFrame(sizeBytes: number): void {
    this.charge(FRAME_US + sizeBytes / BYTES_PER_US);
  }

  serveNext(): number | undefined {
    if (this.#pauseInDebt()) return undefined;
    const bytes = this.#waiting.shift();
    if (bytes === undefined) return undefined;
    this.#waitingBytes -= memoryOf(bytes);
    this.#chargedUs = 0;
    this.chargeFrame(bytes.length);
    this.#owner.deliver(bytes);
    if (this.#waiting.length === 0) this.#onDelivered();
    return this.#chargedUs;
  }

  /** The sender has closed: calls back once everything that it had sent has been delivered, or dropped because its budget does not cover it soon. */
  finish(onEmpty: () => void): void {
    this.#onEmpty = onEmpty;
    if (this.#waiting.length === 0) this.close();
    else this.#finishLimit.start(FINISH_LIMIT_MS);
  }

  /** Delivers nothing more. The socket is read, so that a close frame is found. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#solvent.stop();
    this.#finishLimit.stop();
    this.#resume();
    this.#onEmpty?.();
    this.#onEmpty = undefined;
  }

  /** Returns true while a budget is overdrawn. */
  #pauseInDebt(): boolean {
    const nowMs = this.#clock.nowMs();
    const debtMs = this.#budgets.reduce((longest, budget) => Math.max(longest, budget.debtMs(nowMs)), 0);
    if (debtMs === 0 || this.#isClosed) return false;
    this.#pause();
    this.#solvent.start(Math.ceil(debtMs));
    return true;
  }

  /** The debts were due to be paid; other connections of the client may have made new ones. */
  #continue(): void {
    if (this.#pauseInDebt()) return;
    if (this.#waiting.length === 0) this.#resume();
    else this.#turns.add(this);
  }

  /** Everything that was read has been delivered. */
  #onDelivered(): void {
    if (this.#onEmpty !== undefined) this.close();
    else if (!this.#solvent.isRunning) this.#resume();
  }

  #pause(): void {
    if (!this.#isPaused) this.#owner.pause();
    this.#isPaused = true;
  }

  #resume(): void {
    if (this.#isPaused) this.#owner.resume();
    this.#isPaused = false;
  }
}

const memoryOf = (bytes: Uint8Array): number => bytes.length + MESSAGE_OVERHEAD_BYTES;
