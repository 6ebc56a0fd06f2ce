/** Work in one turn of the event loop, in microseconds. Other sockets are read between two turns. */
const TURN_US = 2_000;

/** A line of messages that is served in turn with others. */
export interface Line {
  /** Delivers one message and returns the work it caused in microseconds, or undefined if none is to be delivered now. */
  deliverNext(): number | undefined;
}

/** Serves the lines of all connections round robin, a bounded amount of work in each turn of the event loop. */
export class Turns {
  readonly #defer: (turn: () => void) => void;
  readonly #lines = new Set<Line>();
  #isScheduled = false;

  constructor(defer: (turn: () => void) => void = setImmediate) {
    this.#defer = defer;
  }

  /** The line has messages. */
  add(line: Line): void {
    this.#lines.add(line);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#lines.size === 0) return;
    this.#isScheduled = true;
    this.#defer(() => {
      this.#isScheduled = false;
      this.#serve();
    });
  }

  #serve(): void {
    let leftUs = TURN_US;
    for (const line of this.#lines) {
      if (leftUs <= 0) break;
      this.#lines.delete(line);
      const workUs = line.deliverNext();
      if (workUs === undefined) continue;
      leftUs -= workUs;
      this.#lines.add(line); // at the end of the set, which the loop gets to if there is work left in this turn
    }
    this.#schedule();
  }
}
