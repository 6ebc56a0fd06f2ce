import { afterAll, beforeAll, describe, it } from 'vitest';
import type { PeerProgram } from './src/peer-program.ts';
import { Room } from './src/room.ts';
import { RtcdCalls } from './src/rtcd-calls.ts';
import { scenarioNames, scenarios } from './src/scenarios.ts';
import type { StartedStack } from './src/stack.ts';
import { chromium } from './src/stacks/chromium.ts';
import { stacks } from './src/stacks/index.ts';

/** Compilers take their time on the first run. */
const START_TIMEOUT_MS = 600_000;

let calls: RtcdCalls;
let page: StartedStack;

beforeAll(async () => {
  [calls, page] = await Promise.all([RtcdCalls.start(), chromium.start()]);
});

afterAll(async () => {
  await page?.program.close();
  await calls?.close();
});

const reasons = await Promise.all(stacks.map((stack) => stack.missing()));

describe.each(stacks.map((stack, index) => ({ stack, reason: reasons[index] })))('$stack.name', ({ stack, reason }) => {
  if (reason !== undefined) {
    console.log(`skipping ${stack.name}: ${reason}`);
    it.skip(`is not here: ${reason}`, () => {});
    return;
  }

  let program: PeerProgram;

  beforeAll(async () => {
    const started = await stack.start();
    program = started.program;
    console.log(`${stack.name} ${started.version}`);
  }, START_TIMEOUT_MS);

  afterAll(() => program?.close());

  const kinds = [
    { kind: 'with its like', other: () => program },
    { kind: 'with Chromium', other: () => page.program },
  ];
  describe.each(kinds)('$kind', ({ other }) => {
    for (const name of scenarioNames.filter((scenario) => stack.limits[scenario] === undefined)) {
      it.concurrent(name, async ({ onTestFailed }) => {
        const room = new Room(calls, program, other());
        onTestFailed(() => console.error(room.story()));
        try {
          await scenarios[name](room);
        } finally {
          room.close();
        }
      });
    }
  });
});
