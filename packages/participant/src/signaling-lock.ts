import type { Timers } from '@rtcd/boundary';
import { ParticipantError } from './errors.ts';

/** As the web client: again after 50 ms, for 5 s in all. */
const RETRY_MS = 50;
const LIMIT_MS = 5_000;

export interface SignalingLockOwner {
  /** Asks the SFU for the lock. */
  request(): void;
}

interface Attempt {
  readonly limit: unknown;
  retry: unknown;
  resolve(): void;
  reject(error: Error): void;
}

/** The lock that keeps the offers of both sides from colliding, as the participant sees it. */
export class SignalingLock {
  readonly #timers: Timers;
  readonly #owner: SignalingLockOwner;
  #attempt: Attempt | undefined;

  constructor(timers: Timers, owner: SignalingLockOwner) {
    this.#timers = timers;
    this.#owner = owner;
  }

  /** Resolves once the SFU has given the lock. One attempt at a time. Rejects with `ParticipantError` `lock_timeout`, or as `close` says. */
  acquire(limitMs = LIMIT_MS): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const limit = this.#timers.setTimer(
      () => this.close(new ParticipantError('lock_timeout', `the signaling lock was not free within ${limitMs} ms`)),
      limitMs,
    );
    this.#attempt = { limit, retry: undefined, resolve, reject };
    this.#owner.request();
    return promise;
  }

  /** The SFU answered. Returns false for a lock that is no longer wanted: it has to be given back. */
  onAnswer(granted: boolean): boolean {
    const attempt = this.#attempt;
    if (attempt === undefined) return !granted;
    if (granted) this.#end()?.resolve();
    else {
      this.#timers.clearTimer(attempt.retry);
      attempt.retry = this.#timers.setTimer(() => this.#owner.request(), RETRY_MS);
    }
    return true;
  }

  /** Ends the attempt that is under way. */
  close(error: Error): void {
    this.#end()?.reject(error);
  }

  #end(): Attempt | undefined {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    this.#timers.clearTimer(attempt?.limit);
    this.#timers.clearTimer(attempt?.retry);
    return attempt;
  }
}
