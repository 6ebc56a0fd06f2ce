import { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { getHeapSnapshot } from 'node:v8';
import { ApiError } from './errors.ts';

/** Tools behind the debug routes. A second profile or snapshot at the same time throws `conflict`. */
export interface DebugTools {
  /** A V8 CPU profile of this process, for DevTools. Ends early if the signal aborts. */
  recordCpuProfile(durationMs: number, signal: AbortSignal): Promise<object>;
  /** A V8 heap snapshot as a stream. Making it stops the process for a while: media stutters. */
  takeHeapSnapshot(): ReadableStream<Uint8Array>;
  /** Returns the delay of the event loop since the last reading. */
  readEventLoopDelay(): EventLoopDelay;
  close(): void;
}

export function createDebugTools(): DebugTools {
  const eventLoop = monitorEventLoop();
  return {
    recordCpuProfile: createCpuProfiler(),
    takeHeapSnapshot: createHeapSnapshotter(),
    readEventLoopDelay: eventLoop.read,
    close: eventLoop.close,
  };
}

/** Records CPU profiles of this process, one at a time. */
function createCpuProfiler(): (durationMs: number, signal: AbortSignal) => Promise<object> {
  let recording = false;
  return async (durationMs, signal) => {
    if (recording) throw new ApiError('conflict', 'a CPU profile is already being recorded, try again later');
    recording = true;
    const session = new Session();
    try {
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.start');
      await wait(durationMs, undefined, { signal }).catch(() => {});
      const { profile } = await session.post('Profiler.stop');
      return profile;
    } finally {
      session.disconnect();
      recording = false;
    }
  };
}

/** Streams heap snapshots of this process, one at a time: each holds a second copy of the heap's shape. */
function createHeapSnapshotter(): () => ReadableStream<Uint8Array> {
  let streaming = false;
  return () => {
    if (streaming) throw new ApiError('conflict', 'a heap snapshot is already being taken, try again later');
    streaming = true;
    const snapshot = getHeapSnapshot();
    snapshot.once('close', () => {
      streaming = false;
    });
    return Readable.toWeb(snapshot) as ReadableStream<Uint8Array>;
  };
}

/** Delay of the event loop: the time from when timers are due until they run, in milliseconds. */
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
function monitorEventLoop(): { read(): EventLoopDelay; close(): void } {
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
