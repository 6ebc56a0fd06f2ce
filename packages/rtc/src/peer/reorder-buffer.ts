/** An item that waits for others before it. */
interface Waiting<Item> {
  readonly item: Item;
  readonly arrivedMs: number;
}

/** Bounds of a `ReorderBuffer`. */
export interface ReorderLimits {
  /** Time for which an item waits for those before it. */
  readonly waitMs: number;
  /** Items that wait at a time. With more, what is missing is given up. */
  readonly items: number;
}

/** Puts items in the order of their index, and gives up on those that do not arrive in time. */
export class ReorderBuffer<Item> {
  readonly #limits: ReorderLimits;
  readonly #deliver: (item: Item, lost: number) => void;
  readonly #waiting = new Map<number, Waiting<Item>>();
  #next: number | undefined;
  /** Missing items that were given up since the last one that was delivered. */
  #lost = 0;

  /** Calls `deliver` with each item in order, and with the number of missing ones directly before it. */
  constructor(limits: ReorderLimits, deliver: (item: Item, lost: number) => void) {
    this.#limits = limits;
    this.#deliver = deliver;
  }

  /** Takes an item. Returns false for one that is late or known. */
  insert(index: number, item: Item, nowMs: number): boolean {
    this.#next ??= index;
    if (index < this.#next || this.#waiting.has(index)) return false;
    this.#waiting.set(index, { item, arrivedMs: nowMs });
    this.#deliverReady();
    if (this.#waiting.size > this.#limits.items) this.#giveUp();
    return true;
  }

  deadline(): number {
    // The map is in the order of arrival.
    const [oldest] = this.#waiting.values();
    return oldest === undefined ? Number.POSITIVE_INFINITY : oldest.arrivedMs + this.#limits.waitMs;
  }

  timeout(nowMs: number): void {
    while (nowMs >= this.deadline()) this.#giveUp();
  }

  /** Continues with the first item that is there. */
  #giveUp(): void {
    const first = Math.min(...this.#waiting.keys());
    this.#lost += first - this.#next!;
    this.#next = first;
    this.#deliverReady();
  }

  #deliverReady(): void {
    for (let ready = this.#take(); ready !== undefined; ready = this.#take()) {
      const lost = this.#lost;
      this.#lost = 0;
      this.#deliver(ready.item, lost);
    }
  }

  #take(): Waiting<Item> | undefined {
    const next = this.#next!;
    const found = this.#waiting.get(next);
    if (found === undefined) return undefined;
    this.#waiting.delete(next);
    this.#next = next + 1;
    return found;
  }
}
