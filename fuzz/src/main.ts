import { parseArgs } from 'node:util';
import { readCorpus, writeCorpus } from './corpus.ts';
import { CoverageCounter } from './coverage.ts';
import { FuzzFinding, fuzz } from './fuzz.ts';

/** Inputs that are kept per parser, and their size: the corpus is in the repository. */
const MAX_KEPT = 100;
const MAX_KEPT_BYTES = 1_500;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    parser: { type: 'string', multiple: true, default: [] },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`fuzz [--seconds N] [--seed N] [--parser NAME]... [--keep]
  --seconds   for each parser, 20 by default
  --parser    this parser only; may be repeated
  --keep      adds inputs whose results have a new shape to the corpus`);
  process.exit(0);
}

const coverage = new CoverageCounter();
await coverage.start();
// Loaded after that, so that the code is counted from its first call.
const { TARGETS } = await import('./targets/targets.ts');
const unknown = values.parser.find((name) => !TARGETS.some((target) => target.name === name));
if (unknown !== undefined) {
  console.error(`no parser "${unknown}"; there are ${TARGETS.map(({ name }) => name).join(', ')}`);
  process.exit(1);
}

const targets = TARGETS.filter(({ name }) => values.parser.length === 0 || values.parser.includes(name));
console.log(`seed ${values.seed}, ${values.seconds} s for each parser`);
const inputs: number[] = [];
let findings = 0;
for (const target of targets) {
  const endMs = performance.now() + Number(values.seconds) * 1_000;
  let count = 0;
  try {
    const run = await fuzz(target, Number(values.seed), (tried) => {
      count = tried;
      return performance.now() < endMs;
    });
    const small = run.interesting.filter(({ length }) => length <= MAX_KEPT_BYTES);
    if (values.keep) writeCorpus(target.name, small.slice(0, MAX_KEPT));
  } catch (error) {
    if (!(error instanceof FuzzFinding)) throw error;
    findings += 1;
    console.error(error.message, error.cause);
    if (values.keep) writeCorpus(target.name, [error.input, ...readCorpus(target.name)]);
  }
  inputs.push(count);
}
const covered = await coverage.stop(targets);
console.table(
  targets.map(({ name }, index) => ({
    parser: name,
    inputs: inputs[index],
    'branches covered': `${covered[index]?.covered} of ${covered[index]?.branches}`,
    percent: Math.round((100 * (covered[index]?.covered ?? 0)) / (covered[index]?.branches || 1)),
  })),
);
process.exit(findings === 0 ? 0 : 1);
