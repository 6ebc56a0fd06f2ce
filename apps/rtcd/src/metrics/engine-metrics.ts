import { Counter, Gauge, type Registry } from 'prom-client';

/** Registers the SFU's drops, which it counts itself: they are read when Prometheus scrapes. */
export function createDropMetrics(registry: Registry, readDrops: () => Readonly<Record<string, number>>): void {
  new Counter({
    name: 'rtcd_rtc_drops_total',
    help: 'Packets and messages dropped',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [reason, count] of Object.entries(readDrops())) this.inc({ reason }, count);
    },
  });
}

/** Registers the number of sessions by the protocol that media takes. */
export function createPathMetric(registry: Registry, readPaths: () => Readonly<Record<string, number>>): void {
  new Gauge({
    name: 'rtcd_rtc_selected_paths',
    help: 'Sessions by the protocol of the path that media takes to them',
    labelNames: ['protocol'],
    registers: [registry],
    collect() {
      for (const [protocol, count] of Object.entries(readPaths())) this.set({ protocol }, count);
    },
  });
}

/** Registers the time for which the thread that forwards media was busy: close to a second per second, packets wait. */
export function createBusyMetric(registry: Registry, readBusySeconds: () => number): void {
  new Counter({
    name: 'rtcd_rtc_busy_seconds_total',
    help: 'Seconds for which the thread that forwards media was busy',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(readBusySeconds());
    },
  });
}
