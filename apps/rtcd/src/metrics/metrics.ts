import type { RtcMetrics } from '@rtcd/rtc';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { createRtcMetrics } from './rtc-metrics.ts';
import { createWsMetrics, type WsMetrics } from './ws-metrics.ts';

/** All that `/metrics` shows. The names, labels and buckets are what existing dashboards read. */
export interface Metrics {
  readonly rtc: RtcMetrics;
  readonly ws: WsMetrics;
  /** The text that Prometheus scrapes. */
  scrape(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'rtcd_' });
  return {
    rtc: createRtcMetrics(registry),
    ws: createWsMetrics(registry),
    scrape: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
