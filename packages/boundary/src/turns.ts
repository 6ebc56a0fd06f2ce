/** Work in one turn of the event loop, in microseconds. Sockets are read between two turns. */
const TURN_US = 2_000;

/** A line of messages or requests that is served in turn with others. */
export interface Line {
  /** Serves one of them and returns the work it caused in microseconds, or undefined if none is to be served now. */
  serveNext(): number | undefined;
}

/** Serves lines round robin, a bounded amount of work in each turn of the event loop. */
export class Turns {
  readonly #defer: (turn: () => void) => void;
  readonly #lines = new Set<Line>();
  #isScheduled = false;

  /** `defer` calls back in a later turn of the event loop. */
  constructor(defer: (turn: () => void) => void = setImmediate) {
    this.#defer = defer;
  }

  /** The line has something to serve. */
  add(line: Line): void {
    this.#lines.add(line);
    this.#schedule();
  }

  /** As `add`, but one is served at once if none was served in this turn and none waits. */
  addNow(line: Line): void {
    if (this.#isScheduled) return this.add(line);
    this.#deferTurn();
    this.#serveNext(line);
  }

  #schedule(): void {
    if (!this.#isScheduled && this.#lines.size > 0) this.#deferTurn();
  }

  #deferTurn(): void {
    this.#isScheduled = true;
    this.#defer(() => {
      this.#isScheduled = false;
      this.#serve();
    });
  }

  #serve(): void {
    let leftUs = TURN_US;
    try {
      for (const line of this.#lines) {
        if (leftUs <= 0) break;
        leftUs -= this.#serveNext(line);
      }
    } finally {
      this.#schedule();
    }
  }

  #serveNext(line: Line): number {
    // To the end of the set, which is where a turn gets to if there is work left in it.
    this.#lines.delete(line);
    this.#lines.add(line);
    const workUs = line.serveNext();
    if (workUs === undefined) this.#lines.delete(line);
    return workUs ?? 0;
  }
}
