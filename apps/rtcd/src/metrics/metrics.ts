import type { RtcMetrics, SfuStats } from '@rtcd/rtc';
import { Registry } from 'prom-client';
import { createDropMetrics } from './drop-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { createVideoStreamMetrics } from './quality-metrics.ts';
import { createRtcMetrics } from './rtc-metrics.ts';
import { createWsMetrics, type WsMetrics } from './ws-metrics.ts';

/** All that `/metrics` shows. The names, labels and buckets are what existing dashboards read. */
export interface Metrics {
  readonly rtc: RtcMetrics;
  readonly ws: WsMetrics;
  /** Adds the totals of the SFU, which are read with each scrape. Called once, when there is an SFU. */
  addTotals(readStats: () => SfuStats): void;
  /** The text that Prometheus scrapes. */
  scrape(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const ofProcess = processMetrics();
  return {
    rtc: createRtcMetrics(registry),
    ws: createWsMetrics(registry),
    addTotals(readStats) {
      createDropMetrics(registry, () => readStats().drops);
      createVideoStreamMetrics(registry, () => readStats().videoStreams);
    },
    async scrape() {
      const texts = await Promise.all([registry.metrics(), ofProcess.registry.metrics()]);
      return { contentType: registry.contentType, body: texts.join('') };
    },
  };
}
