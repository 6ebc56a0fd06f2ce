import type { Timers } from '@rtcd/boundary';
import { ParticipantError } from './errors.ts';
import type { SignalingLock } from './signaling-lock.ts';

/** SFUs answer within a second. An offer that is lost with its way is made again, once. */
const ANSWER_LIMIT_MS = 5_000;
const TRIES = 2;

export interface NegotiationOwner {
  /** Reports whether there is something to offer. */
  readonly needsNegotiation: boolean;
  /** Reports whether no offer waits for its answer. */
  readonly isStable: boolean;
  /** Reports whether the data channel can be used, on which the lock is. */
  readonly hasLock: boolean;
  offer(): void;
  unlock(): void;
}

/** Makes one offer after the other while there is something to offer, each under the signaling lock. */
export class Negotiation {
  readonly #timers: Timers;
  readonly #lock: SignalingLock;
  readonly #owner: NegotiationOwner;
  #running: Promise<void> | undefined;
  #settled: (() => void) | undefined;
  #closed: ParticipantError | undefined;

  constructor(timers: Timers, lock: SignalingLock, owner: NegotiationOwner) {
    this.#timers = timers;
    this.#lock = lock;
    this.#owner = owner;
  }

  /** Resolves once there is nothing more to offer. Rejects with `ParticipantError` `timeout`, `lock_timeout`, or as `close` says. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** A description was taken: an offer may have been answered, or given up for another one. */
  progress(): void {
    if (this.#owner.isStable) this.#settled?.();
  }

  close(error: ParticipantError): void {
    this.#closed = error;
    this.#lock.close(error);
    this.#settled?.();
  }

  async #run(): Promise<void> {
    for (let tries = 0; this.#owner.needsNegotiation; ) {
      if (tries++ === TRIES) throw new ParticipantError('timeout', 'the SFU did not answer an offer');
      // After an ICE restart there is no data channel to ask on, and an SFU that offers at the same time wins.
      if (this.#owner.hasLock) await this.#lock.acquire();
      this.#checkOpen();
      if (this.#owner.needsNegotiation) await this.#offer();
      if (this.#owner.hasLock) this.#owner.unlock();
      this.#checkOpen();
    }
  }

  async #offer(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const limit = this.#timers.setTimer(resolve, ANSWER_LIMIT_MS);
    this.#settled = resolve;
    this.#owner.offer();
    await promise;
    this.#settled = undefined;
    this.#timers.clearTimer(limit);
  }

  #checkOpen(): void {
    if (this.#closed) throw this.#closed;
  }
}
