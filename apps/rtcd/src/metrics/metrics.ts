import { setImmediate } from 'node:timers/promises';
import { type MonotonicTimers, systemClock } from '@rtcd/boundary';
import { RtcError, type RtcMetrics, type SfuStats } from '@rtcd/rtc';
import { Registry } from 'prom-client';
import { AbsentClients } from './absent-clients.ts';
import { clientLabel } from './client-label.ts';
import { createBusyMetric, createDropMetrics, createPathMetric } from './engine-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { createVideoStreamMetrics } from './quality-metrics.ts';
import { createRtcMetrics } from './rtc-metrics.ts';
import { shareForAWhile } from './shared-scrape.ts';
import { createWsMetrics, type WsMetrics } from './ws-metrics.ts';

/** All that `/metrics` shows. The names, labels and buckets are what existing dashboards read. */
export interface Metrics {
  readonly rtc: RtcMetrics;
  readonly ws: WsMetrics;
  /** Adds the totals of the SFU, which are read with each scrape. Called once, when there is an SFU. */
  addTotals(readStats: () => SfuStats | Promise<SfuStats>): void;
  /** The text that Prometheus scrapes. */
  scrape(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Has the label of a group in place of its ID, where it is the first argument. */
function labeledByClient({ connectionState, ...byGroup }: RtcMetrics): RtcMetrics {
  const labeled = Object.entries(byGroup).map(([name, observe]) => [
    name,
    (groupID: string, ...rest: unknown[]) =>
      (observe as (...values: unknown[]) => unknown)(clientLabel(groupID), ...rest),
  ]);
  return { ...Object.fromEntries(labeled), connectionState };
}

/** An engine that is being started again has no totals. All other metrics are there all the same. */
async function unlessClosed<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RtcError && error.code === 'closed') return undefined;
    throw error;
  }
}

/** The text of each metric. Each is written in a turn of its own: with many clients, all of them take a while. */
async function textsOf(registry: Registry): Promise<string[]> {
  const texts: string[] = [];
  for (const { name } of registry.getMetricsAsArray()) {
    texts.push(await registry.getSingleMetricAsString(name));
    await setImmediate();
  }
  return texts;
}

export function createMetrics(clock: Pick<MonotonicTimers, 'nowMs'> = systemClock): Metrics {
  const registry = new Registry();
  const absentClients = new AbsentClients(registry);
  const ofProcess = processMetrics();
  let readTotals: (() => SfuStats | Promise<SfuStats>) | undefined;
  let totals: SfuStats | undefined;
  return {
    rtc: labeledByClient(createRtcMetrics(registry)),
    ws: createWsMetrics(registry),
    addTotals(readStats) {
      readTotals = readStats;
      createDropMetrics(registry, () => totals?.drops ?? {});
      createPathMetric(registry, () => totals?.paths ?? {});
      createBusyMetric(registry, () => totals?.busySeconds ?? 0);
      createVideoStreamMetrics(registry, () => totals?.videoStreams ?? []);
    },
    scrape: shareForAWhile(async () => {
      // An SFU on a thread of its own reports all that it has observed before it answers.
      totals = await unlessClosed(async () => readTotals?.());
      await absentClients.removeSeries(clock.nowMs());
      const body = [...(await textsOf(registry)), ...(await textsOf(ofProcess.registry))].join('\n\n');
      return { contentType: registry.contentType, body: `${body}\n` };
    }, clock),
  };
}
