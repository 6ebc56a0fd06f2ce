import { hasCoturn } from '../../../packages/rtc/test/coturn.ts';
import { firefox } from '../../interop/src/stacks/firefox.ts';
import { CallNetwork } from './call-network.ts';
import type { Callers } from './callers.ts';
import { CONDITION_GROUPS, type ConditionGroup, isFor } from './conditions.ts';
import type { Host } from './host.ts';
import { KIND_NAMES, KINDS, type Kind } from './kinds.ts';
import { measureCondition } from './measure-condition.ts';
import { MOVES, type Move, measureMove } from './moves.ts';
import { missingForNetworks } from './prerequisites.ts';
import { networksSection, Results } from './table.ts';

/** Measures everything with each kind of participant, and writes the tables of docs/networks.md. */
async function main(): Promise<void> {
  const missing = (await missingForNetworks()) ?? (await firefox.missing()) ?? (hasCoturn() ? undefined : 'coturn');
  if (missing !== undefined) throw new Error(`cannot measure networks without ${missing}`);
  const results = new Results();
  for (const [i, group] of CONDITION_GROUPS.entries()) await measureGroup(group, i === 0 ? MOVES : [], results);
  await networksSection.write(String(results));
}

async function measureGroup(group: ConditionGroup, moves: readonly Move[], results: Results): Promise<void> {
  const network = await CallNetwork.open(group.rtcd);
  try {
    for (const kind of KIND_NAMES) {
      const conditions = group.conditions.filter((condition) => isFor(condition, kind));
      if (conditions.length === 0 && moves.length === 0) continue;
      const host = await network.host(kind.toLowerCase());
      const callers = await KINDS[kind](network, host);
      await measure(network, host, callers, { kind, conditions, moves }, results);
      await callers.close();
    }
  } finally {
    await network.close();
  }
}

async function measure(
  network: CallNetwork,
  host: Host,
  callers: Callers,
  { kind, conditions, moves }: Pick<ConditionGroup, 'conditions'> & { kind: Kind; moves: readonly Move[] },
  results: Results,
): Promise<void> {
  for (const condition of conditions) {
    const outcome = await measureCondition(network, host, callers, condition);
    console.log(`${kind}, ${condition.name}: ${outcome.way}, ${Math.round(outcome.untilMediaMs)} ms`);
    results.addCall(condition.name, kind, outcome);
  }
  for (const move of moves) {
    const { withoutMediaMs } = await measureMove(network, host, callers, move);
    console.log(`${kind}, ${move.name}: ${Math.round(withoutMediaMs)} ms`);
    results.addMove(move.name, kind, withoutMediaMs);
  }
}

await main();
