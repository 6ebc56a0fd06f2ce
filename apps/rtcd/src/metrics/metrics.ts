import type { RtcMetrics } from '@rtcd/rtc';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { collectAddressSpaceLimit } from './address-space-limit.ts';
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
  const ofProcess = processRegistry();
  return {
    rtc: createRtcMetrics(registry),
    ws: createWsMetrics(registry),
    async scrape() {
      const texts = await Promise.all([registry.metrics(), ofProcess.metrics()]);
      return { contentType: registry.contentType, body: texts.join('') };
    },
  };
}

let sharedProcessRegistry: Registry | undefined;

/** One for the whole process: its observers cannot be taken back, and services may come and go. */
function processRegistry(): Registry {
  if (sharedProcessRegistry === undefined) {
    sharedProcessRegistry = new Registry();
    collectDefaultMetrics({ register: sharedProcessRegistry, prefix: 'rtcd_' });
    collectAddressSpaceLimit(sharedProcessRegistry);
  }
  return sharedProcessRegistry;
}
