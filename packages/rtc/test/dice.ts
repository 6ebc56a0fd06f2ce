import { seededRandom } from '@rtcd/packet-io/testing';

/** Random choices that are the same for the same seed. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number below the limit. */
  upTo(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  between(low: number, high: number): number {
    return low + this.upTo(high - low);
  }

  isLucky(chance: number): boolean {
    return this.#random() < chance;
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[this.upTo(choices.length)]!;
  }
}
