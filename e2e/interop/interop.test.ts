import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aboutStacks, committedMatrix, Matrix } from './src/matrix.ts';
import type { PeerProgram } from './src/peer-program.ts';
import { Room } from './src/room.ts';
import { RtcdCalls } from './src/rtcd-calls.ts';
import { scenarios } from './src/scenarios.ts';
import { chromium } from './src/stacks/chromium.ts';
import { stacks } from './src/stacks/index.ts';
import { videoScenarios } from './src/video-scenarios.ts';

/** Compilers take their time on the first run. */
const START_TIMEOUT_MS = 600_000;

let calls: RtcdCalls;
let page: PeerProgram;

const kinds = ['with its like', 'with Chromium'] as const;
const matrices = [
  new Matrix(stacks, kinds, scenarios),
  new Matrix(
    stacks.filter(({ hasVideo }) => hasVideo),
    kinds,
    videoScenarios,
  ),
];
const tables = () => matrices.join('\n');

beforeAll(async () => {
  const [startedCalls, { program }] = await Promise.all([RtcdCalls.start(), chromium.start()]);
  calls = startedCalls;
  page = program;
});

afterAll(async () => {
  await page?.close();
  await calls?.close();
  console.log(tables());
});

const reasons = await Promise.all(stacks.map((stack) => stack.missing()));

describe.each(stacks.map((stack, index) => ({ stack, reason: reasons[index] })))('$stack.name', ({ stack, reason }) => {
  if (reason !== undefined) {
    console.log(`skipping ${stack.name}: it needs ${reason}`);
    it.skip(`needs ${reason}`, () => {});
    return;
  }

  let program: PeerProgram;

  beforeAll(async () => {
    const started = await stack.start();
    program = started.program;
    console.log(`${stack.name} ${started.version}`);
  }, START_TIMEOUT_MS);

  afterAll(() => program?.close());

  describe.each(kinds)('%s', (kind) => {
    const trials = matrices.flatMap((matrix) => matrix.scenariosOf(stack).map((row) => [matrix, ...row] as const));
    for (const [matrix, name, run] of trials) {
      it.concurrent(name, async ({ onTestFailed }) => {
        const subject = stack.hasProgramPerScenario ? (await stack.start()).program : program;
        const room = new Room(calls, subject, kind === 'with Chromium' ? page : subject);
        onTestFailed(() => console.error(room.story()));
        matrix.record(stack, kind, name, 'fail');
        try {
          await run(room);
          matrix.record(stack, kind, name, 'pass');
        } finally {
          room.close();
          if (subject !== program) await subject.close();
        }
      });
    }
  });
});

describe('docs/interop.md', () => {
  it('has the matrix of this run', async ({ skip }) => {
    const missing = new Set(matrices.flatMap((matrix) => matrix.missing()));
    skip(missing.size > 0, `not run: ${[...missing].join(', ')}`);
    const ofThisRun = `${tables()}\n${aboutStacks(stacks)}`;
    if (process.env.RTCD_INTEROP_UPDATE === '1') await committedMatrix.write(ofThisRun);
    expect(await committedMatrix.read(), 'RTCD_INTEROP_UPDATE=1 writes it').toBe(ofThisRun);
  });
});
