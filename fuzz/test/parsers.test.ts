import { expect, it } from 'vitest';
import { readCorpus } from '../src/corpus.ts';
import { fuzz } from '../src/fuzz.ts';
import { TARGETS } from '../src/targets/targets.ts';

const SEED = 1;
/** All parsers together take about half a minute. */
const INPUTS = 10_000;

it.each(TARGETS)(
  '$name keeps its rules for its corpus and for mutations of it',
  { timeout: 120_000 },
  async (target) => {
    const { inputs } = await fuzz(target, SEED, (tried) => tried < INPUTS);
    expect(inputs).toBe(INPUTS);
    expect(readCorpus(target.name).length).toBeGreaterThan(0);
  },
);
