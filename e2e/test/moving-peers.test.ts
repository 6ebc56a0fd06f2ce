import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CallNetwork } from '../src/network/call-network.ts';
import type { Callers } from '../src/network/callers.ts';
import { HeadlessCallers } from '../src/network/headless-callers.ts';
import type { Host } from '../src/network/host.ts';
import { KINDS } from '../src/network/kinds.ts';
import { MOVES, type Move, measureMove } from '../src/network/moves.ts';
import { missingForNetworks } from '../src/network/prerequisites.ts';
import { until } from '../src/until.ts';

const missing = await missingForNetworks();
if (missing !== undefined) console.warn(`Skipped peers that move between networks, for want of ${missing}`);

/** Packets of a second. */
const SECOND = 50;

let network: CallNetwork;

beforeAll(async () => {
  if (missing === undefined) network = await CallNetwork.open();
});

afterAll(async () => {
  await network?.close();
});

async function expectToSurvive(move: Move, host: Host, callers: Callers): Promise<void> {
  const { withoutMediaMs, hasChangedPath, hasLostMedia } = await measureMove(network, host, callers, move);
  console.log(`${move.name}: ${Math.round(withoutMediaMs)} ms without media`);
  if (move.changesPath) expect(hasChangedPath).toBe(true);
  if (move.isSeamless) expect(hasLostMedia).toBe(false);
}

const packetsOf = async (sessionID: string) => (await network.inspect(sessionID)).incoming[0]!.packets;

describe.skipIf(missing !== undefined).concurrent('a call of headless participants', () => {
  it.for(MOVES)('continues: $name', async (move) => {
    const host = await network.host('mover');
    const callers = await HeadlessCallers.start(network, host);
    await expectToSurvive(move, host, callers);
    await callers.close();
  });

  it('ends for a peer that has had no network for 30 s: nothing is sent to it any more', async () => {
    const host = await network.host('mover');
    const place = await network.plugIntoRouter(host);
    const callers = await HeadlessCallers.start(network, host);
    const { sessionID } = await callers.call(place);
    const closed = new Promise<void>((resolve) => {
      network.calls.client.on('sessionClosed', (id) => id === sessionID && resolve());
    });
    await place.plug.down();
    await closed;
    const arrived = await place.router!.arrivedFromOutside();
    const spoken = await packetsOf(callers.colleague.sessionID);
    await until(
      'the colleague speaks',
      () => packetsOf(callers.colleague.sessionID),
      (packets) => packets - spoken >= SECOND,
    );
    expect(await place.router!.arrivedFromOutside()).toBe(arrived);
    await callers.close();
  });
});

describe.skipIf(missing !== undefined)('a call of browsers', () => {
  let host: Host;
  let callers: Callers;

  beforeAll(async () => {
    host = await network.host('browser');
    callers = await KINDS.Chromium(network, host);
  });

  afterAll(async () => {
    await callers?.close();
  });

  // The one that sleeps would take long here.
  it.for(MOVES.filter(({ awayMs }) => awayMs === 0))('continues: $name', (move) =>
    expectToSurvive(move, host, callers),
  );
});
