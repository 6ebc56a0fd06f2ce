import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CallNetwork } from '../src/network/call-network.ts';
import type { Callers } from '../src/network/callers.ts';
import { CONDITIONS } from '../src/network/conditions.ts';
import type { Host } from '../src/network/host.ts';
import { KIND_NAMES, KINDS } from '../src/network/kinds.ts';
import { measureCondition } from '../src/network/measure-condition.ts';
import { MOVES } from '../src/network/moves.ts';
import { missingForNetworks } from '../src/network/prerequisites.ts';
import { networksSection, Results, withoutTimes } from '../src/network/table.ts';

const missing = await missingForNetworks();
if (missing !== undefined) console.warn(`Skipped calls over networks, for want of ${missing}`);

/** Firefox takes too long here; `npx --yes pnpm@12 networks` has it. */
const TESTED_KINDS = ['Headless', 'Chromium'] as const;

let network: CallNetwork;
let host: Host;

beforeAll(async () => {
  if (missing !== undefined) return;
  network = await CallNetwork.open();
  host = await network.host('laptop');
});

afterAll(async () => {
  await network?.close();
});

describe.skipIf(missing !== undefined).each(TESTED_KINDS)('media flows in both directions: %s', (kind) => {
  let callers: Callers;

  beforeAll(async () => {
    callers = await KINDS[kind](network, host);
  });

  afterAll(async () => {
    await callers?.close();
  });

  it.for(CONDITIONS)('$name', async (condition, { onTestFailed }) => {
    onTestFailed(() => console.error(network.rtcd.log.slice(-50).join('')));
    const { way, untilMediaMs } = await measureCondition(network, host, callers, condition);
    console.log(`${condition.name}: ${way}, ${Math.round(untilMediaMs)} ms until media flows`);
    expect(way).toBe(condition.way);
  });
});

describe('docs/networks.md', () => {
  it('has these rows', async () => {
    const expected = new Results();
    for (const { name, way } of CONDITIONS) {
      for (const kind of KIND_NAMES) expected.addCall(name, kind, { way, untilMediaMs: 0 });
    }
    for (const { name } of MOVES) for (const kind of KIND_NAMES) expected.addMove(name, kind, 0);
    expect(withoutTimes(await networksSection.read()), '`npx --yes pnpm@12 networks` writes it').toBe(
      withoutTimes(String(expected)),
    );
  });
});
