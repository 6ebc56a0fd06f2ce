import { tsnAdd, tsnAfter, tsnDistance } from './tsn.ts';
import type { GapBlock } from './wire/sack.ts';

/** Upper bounds of both lists; with both full, a SACK still fits the smallest configurable packet. */
export const MAX_RANGES = 96;
export const MAX_DUPLICATES = 16;
// Gap blocks are 16-bit offsets from the cumulative TSN.
const MAX_OFFSET = 0xffff;

interface TsnRange {
  first: number;
  last: number;
}

/** Set of TSNs that have arrived: everything up to a point, and a bounded number of ranges beyond it (RFC 9260 section 6.2). */
export class ReceivedTsns {
  #cumulative: number;
  // Ascending, with a gap before each.
  #ranges: TsnRange[] = [];
  #duplicates: number[] = [];

  constructor(initialTsn: number) {
    this.#cumulative = tsnAdd(initialTsn, -1);
  }

  /** All TSNs up to this one have arrived. */
  get cumulative(): number {
    return this.#cumulative;
  }

  get hasGaps(): boolean {
    return this.#ranges.length > 0;
  }

  has(tsn: number): boolean {
    if (!tsnAfter(tsn, this.#cumulative)) return true;
    const range = this.#ranges[this.#firstEndingAtOrAfter(tsn)];
    return range !== undefined && !tsnAfter(range.first, tsn);
  }

  /** Reports whether it has arrived before; if so it is reported in the next SACK. */
  isDuplicate(tsn: number): boolean {
    const isDuplicate = this.has(tsn);
    if (isDuplicate && this.#duplicates.length < MAX_DUPLICATES) this.#duplicates.push(tsn);
    return isDuplicate;
  }

  /** Notes a TSN that is no duplicate. False if it lies too far ahead, or if there are too many gaps to note one more. */
  add(tsn: number): boolean {
    const offset = tsnDistance(this.#cumulative, tsn);
    if (offset === 1) {
      this.#advance(tsn);
      return true;
    }
    if (offset < 1 || offset > MAX_OFFSET) return false;
    const index = this.#firstEndingAtOrAfter(tsn);
    const before = this.#ranges[index - 1];
    const after = this.#ranges[index];
    const extendsBefore = before !== undefined && tsnAdd(before.last, 1) === tsn;
    const extendsAfter = after !== undefined && tsnAdd(tsn, 1) === after.first;
    if (extendsBefore && extendsAfter) {
      before.last = after.last;
      this.#ranges.splice(index, 1);
    } else if (extendsBefore) before.last = tsn;
    else if (extendsAfter) after.first = tsn;
    else if (this.#ranges.length >= MAX_RANGES) return false;
    else this.#ranges.splice(index, 0, { first: tsn, last: tsn });
    return true;
  }

  /** The sender has given up everything up to `tsn` (RFC 3758 section 3.6). False if that is not news. */
  skipTo(tsn: number): boolean {
    if (!tsnAfter(tsn, this.#cumulative)) return false;
    this.#advance(tsn);
    return true;
  }

  gapBlocks(): GapBlock[] {
    return this.#ranges.map(({ first, last }) => ({
      start: tsnDistance(this.#cumulative, first),
      end: tsnDistance(this.#cumulative, last),
    }));
  }

  /** The TSNs that came more than once since the last call. */
  takeDuplicates(): number[] {
    const duplicates = this.#duplicates;
    if (duplicates.length > 0) this.#duplicates = [];
    return duplicates;
  }

  #advance(tsn: number): void {
    this.#cumulative = tsn;
    let passed = 0;
    for (const range of this.#ranges) {
      if (tsnAfter(range.first, tsnAdd(this.#cumulative, 1))) break;
      if (tsnAfter(range.last, this.#cumulative)) this.#cumulative = range.last;
      passed += 1;
    }
    if (passed > 0) this.#ranges.splice(0, passed);
  }

  #firstEndingAtOrAfter(tsn: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (tsnAfter(tsn, this.#ranges[middle]!.last)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
