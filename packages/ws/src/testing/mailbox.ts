/** A queue of items to await one by one, before or after they arrive. */
export class Mailbox<T> {
  readonly #arrived: T[] = [];
  readonly #waiting: PromiseWithResolvers<T>[] = [];
  #closed: Error | undefined;

  push(item: T): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#arrived.push(item);
    else waiter.resolve(item);
  }

  next(): Promise<T> {
    if (this.#arrived.length > 0) return Promise.resolve(this.#arrived.shift() as T);
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const waiter = Promise.withResolvers<T>();
    this.#waiting.push(waiter);
    return waiter.promise;
  }

  /** Nothing more will arrive: pending waits reject with the reason. */
  close(why: Error): void {
    this.#closed = why;
    for (const waiter of this.#waiting.splice(0)) waiter.reject(why);
  }
}
