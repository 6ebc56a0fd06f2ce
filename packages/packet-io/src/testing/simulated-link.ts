import type { Scheduler } from './scheduler.ts';

/** Effects of the network on each datagram. Rates are probabilities from 0 to 1. */
export interface NetworkConditions {
  /** Never arrives. */
  readonly lossRate: number;
  /** Arrives twice. */
  readonly duplicateRate: number;
  /** Arrives one to three further delays late, behind ones sent after it. */
  readonly reorderRate: number;
  /** From sending to arriving, in milliseconds. Datagrams that nothing else happens to keep their order. */
  readonly delayMs: number;
}

const PERFECT: NetworkConditions = { lossRate: 0, duplicateRate: 0, reorderRate: 0, delayMs: 0 };

/** Decides the fate of datagrams, one by one, and carries it out in time. */
export class SimulatedLink {
  readonly counters = { sent: 0, lost: 0, duplicated: 0, reordered: 0 };
  readonly #scheduler: Scheduler;
  readonly #random: () => number;
  #conditions: NetworkConditions;

  constructor(scheduler: Scheduler, random: () => number, conditions: Partial<NetworkConditions>) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#conditions = { ...PERFECT, ...conditions };
  }

  setConditions(changed: Partial<NetworkConditions>): void {
    this.#conditions = { ...this.#conditions, ...changed };
  }

  /** Calls `deliver` never, once or twice, each time after a delay. */
  carry(deliver: () => void): void {
    const { lossRate, duplicateRate, reorderRate, delayMs } = this.#conditions;
    this.counters.sent++;
    if (this.#random() < lossRate) {
      this.counters.lost++;
      return;
    }
    const copies = this.#random() < duplicateRate ? 2 : 1;
    this.counters.duplicated += copies - 1;
    for (let copy = 0; copy < copies; copy++) {
      const isLate = this.#random() < reorderRate;
      if (isLate) this.counters.reordered++;
      this.#after(isLate ? delayMs + Math.max(1, delayMs) * (1 + 2 * this.#random()) : delayMs, deliver);
    }
  }

  /** Calls `deliver` once, after the plain delay. */
  carrySafely(deliver: () => void): void {
    this.#after(this.#conditions.delayMs, deliver);
  }

  #after(delayMs: number, deliver: () => void): void {
    this.#scheduler.setTimeout(deliver, delayMs);
  }
}
