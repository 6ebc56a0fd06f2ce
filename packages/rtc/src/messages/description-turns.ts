import type { Clock } from '../ports.ts';
import { FairQueue } from './fair-queue.ts';

type Work = (nowMs: number) => void;

/**
 * Reading of peers' descriptions, the most expensive thing that a peer can ask for: one in a turn of the event loop, so that packets are forwarded
 * between two of them. The others wait, and groups take turns.
 */
export class DescriptionTurns {
  readonly #clock: Pick<Clock, 'nowMs' | 'setTimer'>;
  readonly #waiting = new FairQueue<Work>();
  /** A description was read in this turn. */
  #isTaken = false;

  constructor(clock: Pick<Clock, 'nowMs' | 'setTimer'>) {
    this.#clock = clock;
  }

  /** Calls back now if no description was read in this turn, and else in a later one. */
  wait(groupID: string, work: Work): void {
    if (this.#isTaken) this.#waiting.push(groupID, work);
    else this.#do(work);
  }

  /** A description is read at once, since its sender is answered at once. Those that wait have their turn later. */
  take(): void {
    if (this.#isTaken) return;
    this.#isTaken = true;
    this.#clock.setTimer(() => this.#next(), 0);
  }

  #next(): void {
    this.#isTaken = false;
    const work = this.#waiting.shift();
    if (work) this.#do(work);
  }

  #do(work: Work): void {
    this.take();
    work(this.#clock.nowMs());
  }
}
