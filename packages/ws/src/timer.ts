import type { Timers } from '@rtcd/boundary';

/** One named deadline that can be set, moved and called off. */
export class Timer {
  readonly #clock: Timers;
  readonly #callback: () => void;
  #running: { readonly handle: unknown } | undefined;

  constructor(clock: Timers, callback: () => void) {
    this.#clock = clock;
    this.#callback = callback;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** (Re)starts: fires once, `delayMs` from now. */
  start(delayMs: number): void {
    this.stop();
    const handle = this.#clock.setTimer(() => {
      this.#running = undefined;
      this.#callback();
    }, delayMs);
    this.#running = { handle };
  }

  stop(): void {
    if (this.#running === undefined) return;
    this.#clock.clearTimer(this.#running.handle);
    this.#running = undefined;
  }
}
