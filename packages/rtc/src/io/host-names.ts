import { lookup } from 'node:dns/promises';
import { textOf } from '@rtcd/boundary';
import type { Clock, Logger } from '../ports.ts';

/** Finds the IP addresses of a host name. Rejects if there are none. */
export type LookupHost = (name: string) => Promise<readonly string[]>;

/** Longest time that the start waits for an answer. */
const START_LIMIT_MS = 2_000;

/** Waits between two attempts grow from the first to the last of these. */
const MIN_RETRY_MS = 10_000;
const MAX_RETRY_MS = 300_000;

/** The addresses of the host names to advertise. They are looked up at startup, and again until they are found. */
export class HostNames {
  readonly #lookup: LookupHost;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #found = new Map<string, readonly string[]>();
  readonly #retries = new Map<string, unknown>();
  #isClosed = false;

  constructor(ports: { readonly lookup: LookupHost; readonly clock: Clock; readonly logger: Logger }) {
    this.#lookup = ports.lookup;
    this.#clock = ports.clock;
    this.#logger = ports.logger;
  }

  /** Empty as long as the name cannot be resolved. */
  addressesOf(name: string): readonly string[] {
    return this.#found.get(name) ?? [];
  }

  /** Resolves when all names have been looked up, or after 2 s; lookups continue in the background. */
  async lookUp(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const { promise: limit, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimer(resolve, START_LIMIT_MS);
    await Promise.race([limit, Promise.all(names.map((name) => this.#resolve(name, MIN_RETRY_MS)))]);
    this.#clock.clearTimer(timer);
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#retries.values()) this.#clock.clearTimer(timer);
  }

  async #resolve(name: string, retryMs: number): Promise<void> {
    try {
      const addresses = await this.#lookup(name);
      if (this.#isClosed) return;
      this.#found.set(name, addresses);
      this.#logger.info({ name, addresses }, 'host name resolved');
    } catch (error) {
      if (this.#isClosed) return;
      this.#logger.warn(
        { name, reason: textOf(error), retryMs },
        'host name not resolved: local addresses are advertised until it is; check its DNS record, or set ice_host_override to an IP address',
      );
      const timer = this.#clock.setTimer(() => this.#resolve(name, Math.min(2 * retryMs, MAX_RETRY_MS)), retryMs);
      this.#retries.set(name, timer);
    }
  }
}

/** The system's resolver, for IPv4 addresses and, if enabled, those of IPv6. */
export const systemLookup =
  (enableIPv6: boolean): LookupHost =>
  async (name) => {
    const found = await lookup(name, { all: true, family: enableIPv6 ? 0 : 4 });
    return found.map(({ address }) => address);
  };
