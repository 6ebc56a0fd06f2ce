/** A host as the decision sees it. */
export interface KnownHost {
  readonly address: string;
  /** No longer in DNS: keeps its calls, gets no new ones. */
  readonly flagged: boolean;
  readonly calls: number;
}

/** Changes to make after a DNS query, as addresses. */
export interface HostChanges {
  readonly add: readonly string[];
  readonly flag: readonly string[];
  readonly unflag: readonly string[];
  /** Flagged, now or before, and without a call. */
  readonly remove: readonly string[];
}

/** Compares the known hosts with the addresses in DNS. */
export function planHosts(known: readonly KnownHost[], resolved: readonly string[]): HostChanges {
  const wanted = new Set(resolved);
  const gone = known.filter(({ address }) => !wanted.has(address));
  const knownAddresses = new Set(known.map(({ address }) => address));
  const addresses = (hosts: readonly KnownHost[]) => hosts.map(({ address }) => address);
  return {
    add: [...wanted].filter((address) => !knownAddresses.has(address)),
    flag: addresses(gone.filter(({ flagged, calls }) => !flagged && calls > 0)),
    unflag: addresses(known.filter(({ address, flagged }) => flagged && wanted.has(address))),
    remove: addresses(gone.filter(({ calls }) => calls === 0)),
  };
}

/** Load of a host that may take a new call; undefined if `/system` did not answer. */
export interface HostLoad {
  readonly address: string;
  readonly cpuLoad?: number | undefined;
}

/** The least loaded of those that answered, else any. `random` is in [0, 1). */
export function chooseHost(hosts: readonly HostLoad[], random: () => number): string | undefined {
  const answered = hosts.filter(({ cpuLoad }) => cpuLoad !== undefined);
  if (answered.length === 0) return hosts[Math.floor(random() * hosts.length)]?.address;
  return answered.reduce((least, host) => (host.cpuLoad! < least.cpuLoad! ? host : least)).address;
}
