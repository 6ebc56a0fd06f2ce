import { resourcesOf, type Sample } from './sample.ts';

const MIB = 1024 * 1024;
/** With 10,000 joins, half a KiB per session that is gone exceeds it. */
const MAX_HEAP_GROWTH_BYTES = 5 * MIB;
/** Includes what the allocator keeps. */
const MAX_RESIDENT_GROWTH_BYTES = 50 * MIB;

/** Outcome of a soak. */
export interface SoakResult {
  /** Both after all sessions have ended and a full collection, one after a short load and one after the long one. */
  readonly before: Sample;
  readonly after: Sample;
  /** People whose sessions ended, and joins that failed. */
  readonly failures: readonly string[];
}

/** Lists what is not as it should be after a soak. */
export function defectsOf({ before, after, failures }: SoakResult): string[] {
  const defects: string[] = [];
  const check = (what: string, from: number, to: number, mostGrowth: number) => {
    if (!(to - from <= mostGrowth)) defects.push(`${what}: ${from} before, ${to} after`);
  };
  check('sessions', 0, after.sessions, 0);
  check('resident bytes', before.control.residentBytes, after.control.residentBytes, MAX_RESIDENT_GROWTH_BYTES);
  check('open files', before.control.openFiles, after.control.openFiles, 0);
  for (const thread of ['control', 'media'] as const) {
    const [from, to] = [before[thread], after[thread]];
    check(`heap bytes, ${thread}`, from.heapBytes, to.heapBytes, MAX_HEAP_GROWTH_BYTES);
    check(`external bytes, ${thread}`, from.externalBytes, to.externalBytes, MAX_HEAP_GROWTH_BYTES);
    check(`active resources, ${thread}`, resourcesOf(from), resourcesOf(to), 0);
  }
  return [...defects, ...failures];
}
