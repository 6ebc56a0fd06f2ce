import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasCoturn } from '../../packages/rtc/test/coturn.ts';
import { CallNetwork, type CallNetworkOptions } from '../src/network/call-network.ts';
import type { Callers } from '../src/network/callers.ts';
import { CONDITION_GROUPS, CONDITIONS, isFor } from '../src/network/conditions.ts';
import type { Host } from '../src/network/host.ts';
import { KIND_NAMES, KINDS, type Kind } from '../src/network/kinds.ts';
import { measureCondition } from '../src/network/measure-condition.ts';
import { MOVES } from '../src/network/moves.ts';
import { missingForNetworks } from '../src/network/prerequisites.ts';
import { networksSection, Results, withoutTimes } from '../src/network/table.ts';

const missing = await missingForNetworks();
if (missing !== undefined) console.warn(`Skipped calls over networks, for want of ${missing}`);

const isSkipped = ({ hasTurn = false }: CallNetworkOptions) => missing !== undefined || (hasTurn && !hasCoturn());

/** All kinds take too long here; `npx --yes pnpm@12 networks` has them. */
const testedKinds = ({ families = 'dual_stack', tls = false }: CallNetworkOptions): readonly Kind[] =>
  families === 'dual_stack' && !tls ? ['Headless', 'Chromium'] : ['Headless'];

const groups = CONDITION_GROUPS.map((group) => ({ ...group, title: JSON.stringify(group.rtcd) }));

describe.each(groups)('media flows in both directions, rtcd with $title', ({ rtcd, conditions }) => {
  let network: CallNetwork;
  let host: Host;

  beforeAll(async () => {
    if (isSkipped(rtcd)) return;
    network = await CallNetwork.open(rtcd);
    host = await network.host('laptop');
  });

  afterAll(async () => {
    await network?.close();
  });

  describe.skipIf(isSkipped(rtcd)).each(testedKinds(rtcd))('%s', (kind) => {
    let callers: Callers;

    beforeAll(async () => {
      callers = await KINDS[kind](network, host);
    });

    afterAll(async () => {
      await callers?.close();
    });

    it.for(conditions.filter((condition) => isFor(condition, kind)))('$name', async (condition, { onTestFailed }) => {
      onTestFailed(() => console.error(network.log));
      const { way, untilMediaMs } = await measureCondition(network, host, callers, condition);
      console.log(`${condition.name}: ${way}, ${Math.round(untilMediaMs)} ms until media flows`);
      expect(way).toBe(condition.way);
    });
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
