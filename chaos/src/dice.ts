import { seededRandom } from '@rtcd/packet-io/testing';

/** Random choices that are the same for the same seed. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number from `low` up to, and without, `high`. */
  between(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low));
  }

  isLucky(chance: number): boolean {
    return this.#random() < chance;
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[this.between(0, choices.length)]!;
  }
}
