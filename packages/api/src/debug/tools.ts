import { createCpuProfiler } from './cpu-profile.ts';
import { type EventLoopDelay, monitorEventLoop } from './event-loop-delay.ts';
import { createHeapSnapshotter } from './heap-snapshot.ts';

/** What the debug routes offer; one profile and one snapshot at a time, another meanwhile throws `conflict`. */
export interface DebugTools {
  /** A V8 CPU profile of this process, for DevTools. Ends early if the signal aborts. */
  recordCpuProfile(durationMs: number, signal: AbortSignal): Promise<object>;
  /** A V8 heap snapshot as a stream. Making it stops the process for a while: media stutters. */
  takeHeapSnapshot(): ReadableStream<Uint8Array>;
  /** How late the event loop was since the last reading. */
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
