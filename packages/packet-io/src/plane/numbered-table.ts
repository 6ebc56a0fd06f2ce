/** A number is a place in the table, and above that how often the place was used before. */
const PLACE_BITS = 20;
const PLACE_MASK = (1 << PLACE_BITS) - 1;
/** 30 bits in all, which V8 keeps as a small integer. */
const GENERATION_MASK = 0x3ff;

/** Values that a table holds at most. */
export const MAX_NUMBERED = PLACE_MASK + 1;

/**
 * Values under numbers that other threads or native code may hold too. A place is used again after a deletion, under another
 * number, so that a stale number finds nothing rather than the next value.
 */
export class NumberedTable<T> {
  readonly #values: (T | undefined)[] = [];
  readonly #ids: number[] = [];
  readonly #freePlaces: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Stores a value, of which there must not be `MAX_NUMBERED` yet, and returns its number. */
  add(value: T): number {
    const place = this.#freePlaces.pop() ?? this.#values.length;
    const id = this.#ids[place] ?? place;
    this.#values[place] = value;
    this.#ids[place] = id;
    this.#size++;
    return id;
  }

  /** Finds a value; undefined if the number is stale, or never was one. */
  get(id: number): T | undefined {
    const place = id & PLACE_MASK;
    return this.#ids[place] === id ? this.#values[place] : undefined;
  }

  /** Ends a number. Does nothing if it is stale. */
  delete(id: number): void {
    if (this.get(id) === undefined) return;
    const place = id & PLACE_MASK;
    const generation = ((id >>> PLACE_BITS) + 1) & GENERATION_MASK;
    this.#values[place] = undefined;
    this.#ids[place] = (generation << PLACE_BITS) | place;
    this.#freePlaces.push(place);
    this.#size--;
  }
}
