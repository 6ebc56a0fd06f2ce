import { seededRandom } from '@rtcd/packet-io/testing';
import { readCorpus } from './corpus.ts';
import { mutate } from './mutate.ts';
import { DEFAULT_MAX_VALUES, type FuzzTarget } from './target.ts';
import { countValues, shapeOf } from './values.ts';

/** Inputs that are mutated in a run. New ones take the place of a random old one. */
const MAX_WORKING_SET = 2_000;

/** A broken rule, with the input that breaks it. */
export class FuzzFinding extends Error {
  override readonly name = 'FuzzFinding';
  readonly input: Buffer;

  constructor(target: FuzzTarget, input: Buffer, cause: unknown) {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    super(`${target.name}: ${reason}, for the input ${input.toString('hex')}`, { cause });
    this.input = input;
  }
}

/** Result of a run. */
export interface FuzzRun {
  readonly inputs: number;
  /** Small inputs whose results differ in shape, the kept ones first. */
  readonly interesting: readonly Buffer[];
}

/** Parses seeds, kept inputs, and then mutations of them while `continues` returns true. Throws a `FuzzFinding`. */
export async function fuzz(target: FuzzTarget, seed: number, continues: (inputs: number) => boolean): Promise<FuzzRun> {
  const random = seededRandom(seed);
  const shapes = new Set<string>();
  const interesting: Buffer[] = [];
  const working: Buffer[] = [];
  let inputs = 0;

  async function tryInput(input: Buffer): Promise<boolean> {
    inputs += 1;
    const shape = await check(target, input);
    if (shapes.has(shape)) return false;
    shapes.add(shape);
    return true;
  }

  for (const seedInput of [...readCorpus(target.name), ...target.seeds().map((bytes) => Buffer.from(bytes))]) {
    if (await tryInput(seedInput)) interesting.push(seedInput);
    working.push(seedInput);
  }
  const pick = () => working[Math.floor(random() * working.length)] ?? Buffer.alloc(1);
  while (continues(inputs)) {
    const input = mutate(pick(), pick(), random);
    if (!(await tryInput(input))) continue;
    interesting.push(input);
    if (working.length < MAX_WORKING_SET) working.push(input);
    else working[Math.floor(random() * working.length)] = input;
  }
  return { inputs, interesting };
}

/** Returns the shape of the result for one input. Throws a `FuzzFinding` if a rule is broken. */
async function check(target: FuzzTarget, input: Buffer): Promise<string> {
  const before = Buffer.from(input);
  try {
    const parsed = target.parse(input);
    const result = parsed instanceof Promise ? await parsed : parsed;
    const values = countValues(result);
    const maxValues = (target.maxValues ?? DEFAULT_MAX_VALUES)(input.length);
    if (values > maxValues)
      throw new Error(`${values} values from ${input.length} bytes; at most ${maxValues} are allowed`);
    if (!before.equals(input)) throw new Error('the input was changed');
    return shapeOf(result);
  } catch (error) {
    throw new FuzzFinding(target, before, error);
  }
}
