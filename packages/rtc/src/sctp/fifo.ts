// Slots given up before the array is compacted: keeps shift() constant in amortised time and the memory of a drained queue small.
const COMPACT_AFTER = 32;

/** A queue with constant-time `shift` and access by index, for queues that grow to thousands of entries. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** The entry `index` places behind the first. */
  at(index: number): T | undefined {
    return this.#items[this.#head + index];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#head += 1;
    this.#drop();
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }

  // What was shifted stays referenced until the next compaction: at most half of the array.
  #drop(): void {
    if (this.#head === this.#items.length) this.clear();
    else if (this.#head >= COMPACT_AFTER && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}
