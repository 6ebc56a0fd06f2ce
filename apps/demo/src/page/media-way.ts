type Stats = Readonly<Record<string, unknown>>;

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

/** Finds the candidates of the pair that media uses in a stats report: the browser's own, and rtcd's. Undefined while there is none. */
export function selectedCandidates(
  report: ReadonlyMap<string, Stats>,
): { readonly local: Stats; readonly remote: Stats } | undefined {
  const all = [...report.values()];
  const selected = all.find(({ type }) => type === 'transport')?.selectedCandidatePairId;
  // Firefox has no transport in its reports, and marks the pair.
  const pair = report.get(textOf(selected)) ?? all.find((stats) => stats.type === 'candidate-pair' && stats.selected);
  const local = report.get(textOf(pair?.localCandidateId));
  const remote = report.get(textOf(pair?.remoteCandidateId));
  return local && remote && { local, remote };
}

/**
 * The way that media goes as the browser sees it, from a stats report: the types of its own candidate and of rtcd's, as `relay over TCP to host`.
 * Undefined while there is none.
 */
export function readMediaWay(report: ReadonlyMap<string, Stats>): string | undefined {
  const candidates = selectedCandidates(report);
  if (candidates === undefined) return undefined;
  const { local, remote } = candidates;
  // Between a relay and rtcd it is always UDP: of interest is the way to the relay.
  const protocol = textOf(local.relayProtocol) || textOf(local.protocol);
  return `${textOf(local.candidateType)} over ${protocol.toUpperCase()} to ${textOf(remote.candidateType)}`;
}
