import { firefox } from '../../interop/src/stacks/firefox.ts';
import { CallNetwork } from './call-network.ts';
import type { Callers } from './callers.ts';
import { CONDITIONS } from './conditions.ts';
import type { Host } from './host.ts';
import { KIND_NAMES, KINDS, type Kind } from './kinds.ts';
import { measureCondition } from './measure-condition.ts';
import { MOVES, measureMove } from './moves.ts';
import { missingForNetworks } from './prerequisites.ts';
import { networksSection, Results } from './table.ts';

/** Measures everything with each kind of participant, and writes the tables of docs/networks.md. */
async function main(): Promise<void> {
  const missing = (await missingForNetworks()) ?? (await firefox.missing());
  if (missing !== undefined) throw new Error(`cannot measure networks without ${missing}`);
  const results = new Results();
  const network = await CallNetwork.open();
  try {
    for (const kind of KIND_NAMES) {
      const host = await network.host(kind.toLowerCase());
      const callers = await KINDS[kind](network, host);
      await measure(network, host, callers, kind, results);
      await callers.close();
    }
  } finally {
    await network.close();
  }
  await networksSection.write(String(results));
}

async function measure(
  network: CallNetwork,
  host: Host,
  callers: Callers,
  kind: Kind,
  results: Results,
): Promise<void> {
  for (const condition of CONDITIONS) {
    const outcome = await measureCondition(network, host, callers, condition);
    console.log(`${kind}, ${condition.name}: ${outcome.way}, ${Math.round(outcome.untilMediaMs)} ms`);
    results.addCall(condition.name, kind, outcome);
  }
  for (const move of MOVES) {
    const { withoutMediaMs } = await measureMove(network, host, callers, move);
    console.log(`${kind}, ${move.name}: ${Math.round(withoutMediaMs)} ms`);
    results.addMove(move.name, kind, withoutMediaMs);
  }
}

await main();
