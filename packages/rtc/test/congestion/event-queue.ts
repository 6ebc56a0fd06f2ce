/** Runs events in the order of their virtual times. */
export class EventQueue {
  /** A binary heap. */
  readonly #events: { readonly atMs: number; readonly order: number; readonly run: () => void }[] = [];
  #order = 0;
  #nowMs = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, run: () => void): void {
    const events = this.#events;
    const event = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, run };
    let place = events.push(event) - 1;
    for (; place > 0; place = (place - 1) >> 1) {
      const parent = events[(place - 1) >> 1]!;
      if (isBefore(parent, event)) break;
      events[place] = parent;
    }
    events[place] = event;
  }

  every(intervalMs: number, run: () => void): void {
    const tick = () => {
      run();
      this.at(this.#nowMs + intervalMs, tick);
    };
    this.at(this.#nowMs + intervalMs, tick);
  }

  runUntil(endMs: number): void {
    for (let first = this.#events[0]; first && first.atMs <= endMs; first = this.#events[0]) {
      this.#removeFirst();
      this.#nowMs = first.atMs;
      first.run();
    }
    this.#nowMs = endMs;
  }

  #removeFirst(): void {
    const events = this.#events;
    const event = events.pop();
    if (!event || events.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= events.length) break;
      if (child + 1 < events.length && isBefore(events[child + 1]!, events[child]!)) child++;
      if (isBefore(event, events[child]!)) break;
      events[place] = events[child]!;
      place = child;
    }
    events[place] = event;
  }
}

interface Ordered {
  readonly atMs: number;
  readonly order: number;
}

const isBefore = (a: Ordered, b: Ordered): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
