import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Matrix, readCommittedMatrix, writeMatrix } from './src/matrix.ts';
import type { PeerProgram } from './src/peer-program.ts';
import { Room } from './src/room.ts';
import { RtcdCalls } from './src/rtcd-calls.ts';
import { scenarioNames, scenarios } from './src/scenarios.ts';
import { chromium } from './src/stacks/chromium.ts';
import { stacks } from './src/stacks/index.ts';

/** Compilers take their time on the first run. */
const START_TIMEOUT_MS = 600_000;

let calls: RtcdCalls;
let page: PeerProgram;

const kinds = ['with its like', 'with Chromium'] as const;
const matrix = new Matrix(stacks, kinds);

beforeAll(async () => {
  const [startedCalls, { program }] = await Promise.all([RtcdCalls.start(), chromium.start()]);
  calls = startedCalls;
  page = program;
});

afterAll(async () => {
  await page?.close();
  await calls?.close();
  if (matrix.missing().length < stacks.length) console.log(`${matrix}`);
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
    for (const scenario of scenarioNames.filter((name) => stack.limits[name] === undefined)) {
      it.concurrent(scenario, async ({ onTestFailed }) => {
        const room = new Room(calls, program, kind === 'with Chromium' ? page : program);
        onTestFailed(() => console.error(room.story()));
        matrix.record(stack, kind, scenario, 'fail');
        try {
          await scenarios[scenario](room);
          matrix.record(stack, kind, scenario, 'pass');
        } finally {
          room.close();
        }
      });
    }
  });
});

describe('docs/interop.md', () => {
  it('has the matrix of this run', async ({ skip }) => {
    const missing = matrix.missing();
    skip(missing.length > 0, `not run: ${missing.join(', ')}`);
    if (process.env.RTCD_INTEROP_UPDATE === '1') await writeMatrix(`${matrix}`);
    expect(await readCommittedMatrix(), 'RTCD_INTEROP_UPDATE=1 writes it').toBe(`${matrix}`);
  });
});
