import type { Readable } from 'node:stream';
import { getHeapSnapshot } from 'node:v8';
import { recordCpuProfile } from './cpu-profile.ts';
import { type EventLoopDelay, monitorEventLoop } from './event-loop-delay.ts';

/** Tools that look into a thread from inside of the process. */
export interface ThreadDiagnostics {
  /** Records a V8 CPU profile for DevTools. Ends early if the signal aborts. */
  recordCpuProfile(durationMs: number, signal?: AbortSignal): Promise<object>;
  /** Takes a V8 heap snapshot, as a stream. Making it stops the thread for a while. */
  takeHeapSnapshot(): Promise<Readable>;
  /** Reads the delay of the event loop since the last reading. */
  readEventLoopDelay(): Promise<EventLoopDelay>;
}

/** Creates the diagnostics of the thread that calls. Its event loop is watched until `close`. */
export function threadDiagnostics(): ThreadDiagnostics & { close(): void } {
  const eventLoop = monitorEventLoop();
  return {
    recordCpuProfile,
    takeHeapSnapshot: async () => getHeapSnapshot(),
    readEventLoopDelay: async () => eventLoop.read(),
    close: () => eventLoop.close(),
  };
}
