import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How much later than due the event loop came to its timers, in milliseconds. */
export interface EventLoopDelay {
  readonly minMs: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly samples: number;
}

const RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;

/** Watches the event loop; each reading starts a new one. */
export function monitorEventLoop(): { read(): EventLoopDelay; close(): void } {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return {
    read() {
      const samples = histogram.count;
      // An empty histogram has NaN and 2^63 in it.
      const ms = (ns: number) => (samples === 0 ? 0 : ns / NS_PER_MS);
      const delay = {
        minMs: ms(histogram.min),
        meanMs: ms(histogram.mean),
        p50Ms: ms(histogram.percentile(50)),
        p99Ms: ms(histogram.percentile(99)),
        maxMs: ms(histogram.max),
        samples,
      };
      histogram.reset();
      return delay;
    },
    close() {
      histogram.disable();
    },
  };
}
