/** Delivers things at their times, in the order in which they came. */
export class DelayLine<T> {
  readonly #deliver: (thing: T) => void;
  readonly #waiting: { readonly thing: T; readonly dueMs: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(deliver: (thing: T) => void) {
    this.#deliver = deliver;
  }

  /** Takes a thing that is due at a time of `performance.now()`; at once if that has come and nothing waits. */
  push(thing: T, dueMs: number): void {
    this.#waiting.push({ thing, dueMs });
    if (this.#timer === undefined) this.#run();
  }

  /** Drops all waiting datagrams. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
  }

  #run(): void {
    this.#timer = undefined;
    const nowMs = performance.now();
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (next.dueMs > nowMs) {
        this.#timer = setTimeout(() => this.#run(), next.dueMs - nowMs);
        return;
      }
      this.#waiting.shift();
      this.#deliver(next.thing);
    }
  }
}
