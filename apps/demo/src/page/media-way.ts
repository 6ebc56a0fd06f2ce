type Stats = Readonly<Record<string, unknown>>;

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

/**
 * The way that media goes as the browser sees it, from a stats report: the types of its own candidate and of rtcd's, as `relay over TCP to host`.
 * Undefined while there is none.
 */
export function readMediaWay(report: ReadonlyMap<string, Stats>): string | undefined {
  const all = [...report.values()];
  const selected = all.find(({ type }) => type === 'transport')?.selectedCandidatePairId;
  // Firefox has no transport in its reports, and marks the pair.
  const pair = report.get(textOf(selected)) ?? all.find((stats) => stats.type === 'candidate-pair' && stats.selected);
  const local = report.get(textOf(pair?.localCandidateId));
  const remote = report.get(textOf(pair?.remoteCandidateId));
  if (local === undefined || remote === undefined) return undefined;
  // Between a relay and rtcd it is always UDP: of interest is the way to the relay.
  const protocol = textOf(local.relayProtocol) || textOf(local.protocol);
  return `${textOf(local.candidateType)} over ${protocol.toUpperCase()} to ${textOf(remote.candidateType)}`;
}
