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

/** Diagnostics of the thread that created them. */
export interface OwnDiagnostics extends ThreadDiagnostics {
  /** Stops watching the event loop. */
  close(): void;
}

/** Creates the diagnostics of the thread that calls. Its event loop is watched until `close`. */
export function threadDiagnostics(): OwnDiagnostics {
  const eventLoop = monitorEventLoop();
  return {
    recordCpuProfile,
    takeHeapSnapshot: async () => getHeapSnapshot(),
    readEventLoopDelay: async () => eventLoop.read(),
    close: () => eventLoop.close(),
  };
}
