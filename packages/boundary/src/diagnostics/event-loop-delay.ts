import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Delay of the event loop: the time from when timers are due until they run, in milliseconds. */
export interface EventLoopDelay {
  readonly minMs: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly samples: number;
}

/** Watches the event loop of a thread. */
export interface EventLoopMonitor {
  /** Returns the delay since the last reading. */
  read(): EventLoopDelay;
  close(): void;
}

const RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;

/** Watches the event loop of the thread that calls; each reading starts a new one. */
export function monitorEventLoop(): EventLoopMonitor {
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
