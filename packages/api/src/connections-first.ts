/** Turns of the event loop in a row in which connections are accepted and nothing is answered, at most: some milliseconds. */
const MAX_TURNS = 32;

/**
 * Puts work off while connections arrive. Node accepts one of them in a turn of the event loop, so that those that wait in the kernel's queue would
 * otherwise wait for as many turns full of work, and new ones would not get into the queue: their senders try again after a second, three, and seven.
 */
export class ConnectionsFirst {
  readonly #setImmediate: (callback: () => void) => void;
  #hasAccepted = false;

  constructor(schedule: (callback: () => void) => void = setImmediate) {
    this.#setImmediate = schedule;
  }

  /** A connection was accepted. */
  accepted(): void {
    this.#hasAccepted = true;
  }

  /** Calls back at the end of the first turn of the event loop in which no connection was accepted, or of the last one that may be put off. */
  readonly defer = (work: () => void, turns = MAX_TURNS): void => {
    this.#setImmediate(() => {
      const hasAccepted = this.#hasAccepted;
      this.#hasAccepted = false;
      if (hasAccepted && turns > 0) this.defer(work, turns - 1);
      else work();
    });
  };
}
