import type { ClientMessage } from '@rtcd/protocol';

/** A message as the fake rtcd got it. */
export interface ReceivedMessage {
  readonly clientID: string;
  readonly connID: string;
  readonly message: ClientMessage;
}

interface Waiter {
  matches(received: ReceivedMessage): boolean;
  resolve(received: ReceivedMessage): void;
}

/** Everything received, in order, for looking back and for waiting. */
export class ReceivedMessages {
  readonly all: ReceivedMessage[] = [];
  /** Not yet handed out by `next`. */
  readonly #unclaimed: ReceivedMessage[] = [];
  readonly #waiters: Waiter[] = [];

  push(received: ReceivedMessage): void {
    this.all.push(received);
    const index = this.#waiters.findIndex(({ matches }) => matches(received));
    const [waiter] = index < 0 ? [] : this.#waiters.splice(index, 1);
    if (waiter === undefined) this.#unclaimed.push(received);
    else waiter.resolve(received);
  }

  /** The first that matches and was not handed out before, now or when it comes. */
  next(matches: (received: ReceivedMessage) => boolean): Promise<ReceivedMessage> {
    const index = this.#unclaimed.findIndex(matches);
    const [received] = index < 0 ? [] : this.#unclaimed.splice(index, 1);
    if (received !== undefined) return Promise.resolve(received);
    const { promise, resolve } = Promise.withResolvers<ReceivedMessage>();
    this.#waiters.push({ matches, resolve });
    return promise;
  }
}
