import type { Timers } from '@rtcd/boundary';
import { ParticipantError } from './errors.ts';
import type { SignalingLock } from './signaling-lock.ts';

/** SFUs answer within a second. An offer that is lost with its way is made again, once. */
const ANSWER_LIMIT_MS = 5_000;
const TRIES = 2;
/** Time for the lock before an ICE restart: where the path is dead, nothing answers. */
const RESTART_LOCK_LIMIT_MS = 1_000;

export interface NegotiationOwner {
  /** Reports whether there is something to offer. */
  readonly needsNegotiation: boolean;
  /** Reports whether no offer waits for its answer. */
  readonly isStable: boolean;
  /** Reports whether ICE is to be restarted: the path may be dead, and the data channel with it, on which the lock is. */
  readonly isRestarting: boolean;
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
    for (let unanswered = 0; this.#owner.needsNegotiation; ) {
      if (unanswered === TRIES) throw new ParticipantError('timeout', 'the SFU did not answer an offer');
      await this.#acquireLock();
      this.#checkOpen();
      // One that was given up for an offer of the SFU is not unanswered.
      if (this.#owner.needsNegotiation && !(await this.#offer())) unanswered++;
      this.#owner.unlock();
      this.#checkOpen();
    }
  }

  /** A restart does without the lock if it has to. If the SFU makes an offer at the same time, that wins. */
  async #acquireLock(): Promise<void> {
    try {
      await this.#lock.acquire(this.#owner.isRestarting ? RESTART_LOCK_LIMIT_MS : undefined);
    } catch (error) {
      if (!this.#owner.isRestarting) throw error;
    }
  }

  /** Resolves with false if nothing came in time. */
  async #offer(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const limit = this.#timers.setTimer(() => resolve(false), ANSWER_LIMIT_MS);
    this.#settled = () => resolve(true);
    this.#owner.offer();
    const isSettled = await promise;
    this.#settled = undefined;
    this.#timers.clearTimer(limit);
    return isSettled;
  }

  #checkOpen(): void {
    if (this.#closed) throw this.#closed;
  }
}
