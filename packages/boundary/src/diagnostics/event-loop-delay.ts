import { type Histogram, monitorEventLoopDelay } from 'node:perf_hooks';

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
  /** Ends the monitoring. */
  close(): void;
}

const INTERVAL_MS = 10;
const NS_PER_MS = 1e6;

/** Watches the event loop of the thread that calls; each reading starts a new one. */
export function monitorEventLoop(): EventLoopMonitor {
  const histogram = monitorEventLoopDelay({ resolution: INTERVAL_MS });
  histogram.enable();
  return {
    read() {
      const delay = delayOf(histogram);
      histogram.reset();
      return delay;
    },
    close() {
      histogram.disable();
    },
  };
}

/** Computes the delay from a histogram of the times between the runs of Node's timer, whose interval is included there. */
export function delayOf(histogram: Histogram): EventLoopDelay {
  const samples = histogram.count;
  // An empty histogram has NaN and 2^63 in it.
  const ms = (ns: number) => (samples === 0 ? 0 : Math.max(0, ns / NS_PER_MS - INTERVAL_MS));
  return {
    minMs: ms(histogram.min),
    meanMs: ms(histogram.mean),
    p50Ms: ms(histogram.percentile(50)),
    p99Ms: ms(histogram.percentile(99)),
    maxMs: ms(histogram.max),
    samples,
  };
}
