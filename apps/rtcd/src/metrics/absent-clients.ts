import { setImmediate } from 'node:timers/promises';
import type { Registry } from 'prom-client';

/** Series outlive their client for this long, so that their last values are scraped, and a client that reconnects continues them. */
const KEPT_MS = 5 * 60_000;

/** Gauges that are above zero for a client that is there. */
const PRESENCE: ReadonlySet<string> = new Set(['rtcd_ws_connections_total', 'rtcd_rtc_sessions_total']);

interface Series {
  remove(): void;
  readonly client: string;
  readonly isPresence: boolean;
}

/** Removes the series of clients that have neither a connection nor a session any more: without that, each client that ever came would stay in each scrape. */
export class AbsentClients {
  readonly #registry: Registry;
  /** Time since which each client is known to be absent. */
  readonly #absentSince = new Map<string, number>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Called before each scrape. */
  async removeSeries(nowMs: number): Promise<void> {
    const allSeries = await this.#readSeries();
    const present = new Set(allSeries.flatMap(({ client, isPresence }) => (isPresence ? client : [])));
    const absent = new Set(allSeries.map(({ client }) => client)).difference(present);
    for (const client of this.#absentSince.keys()) if (!absent.has(client)) this.#absentSince.delete(client);
    for (const client of absent) if (!this.#absentSince.has(client)) this.#absentSince.set(client, nowMs);
    const forgotten = absent.values().filter((client) => nowMs - this.#absentSince.get(client)! >= KEPT_MS);
    this.#forget(new Set(forgotten), allSeries);
  }

  #forget(clients: ReadonlySet<string>, allSeries: readonly Series[]): void {
    for (const client of clients) this.#absentSince.delete(client);
    for (const { client, remove } of allSeries) if (clients.has(client)) remove();
  }

  async #readSeries(): Promise<Series[]> {
    const allSeries: Series[] = [];
    for (const { name } of this.#registry.getMetricsAsArray()) {
      const metric = this.#registry.getSingleMetric(name);
      if (metric === undefined) continue;
      await setImmediate();
      for (const { labels, value } of (await metric.get()).values) {
        const { le: _, ...ofSeries } = labels as Record<string, string>;
        const client = ofSeries.groupID ?? ofSeries.clientID;
        if (client === undefined) continue;
        const isPresence = PRESENCE.has(name) && value > 0;
        allSeries.push({ client, isPresence, remove: () => metric.remove(ofSeries) });
      }
    }
    return allSeries;
  }
}
