import { Readable } from 'node:stream';
import { type EventLoopDelay, type ThreadDiagnostics, threadDiagnostics } from '@rtcd/boundary/diagnostics';
import { ApiError } from './errors.ts';

/** Name of the thread that the server runs on, in the `thread` parameter of the debug routes. */
export const MAIN_THREAD = 'main';

/** Tools behind the debug routes, for one thread. A second profile or snapshot at the same time throws `conflict`. */
export interface ThreadTools {
  /** A V8 CPU profile, for DevTools. Ends early if the signal aborts. */
  recordCpuProfile(durationMs: number, signal: AbortSignal): Promise<object>;
  /** A V8 heap snapshot as a stream. Making it stops the thread for a while. */
  takeHeapSnapshot(): Promise<ReadableStream<Uint8Array>>;
  /** Reads the delay of the event loop since the last reading. */
  readEventLoopDelay(): Promise<EventLoopDelay>;
}

/** Tools for all threads of the process that are known. */
export interface DebugTools {
  /** Throws `invalid_request` for an unknown thread. */
  of(thread: string): ThreadTools;
  close(): void;
}

/** Creates the tools for this thread, and for others by their names. */
export function createDebugTools(others: Readonly<Record<string, ThreadDiagnostics>>): DebugTools {
  const own = threadDiagnostics();
  const tools = new Map(
    Object.entries({ [MAIN_THREAD]: own, ...others }).map(([name, diagnostics]) => [name, oneAtATime(diagnostics)]),
  );
  return {
    of(thread) {
      const found = tools.get(thread);
      if (found !== undefined) return found;
      throw new ApiError('invalid_request', `thread should be one of ${[...tools.keys()].join(', ')}`);
    },
    close: () => own.close(),
  };
}

function oneAtATime(diagnostics: ThreadDiagnostics): ThreadTools {
  let isRecording = false;
  let isStreaming = false;
  return {
    async recordCpuProfile(durationMs, signal) {
      if (isRecording) throw new ApiError('conflict', 'a CPU profile is already being recorded, try again later');
      isRecording = true;
      try {
        return await diagnostics.recordCpuProfile(durationMs, signal);
      } finally {
        isRecording = false;
      }
    },
    async takeHeapSnapshot() {
      if (isStreaming) throw new ApiError('conflict', 'a heap snapshot is already being taken, try again later');
      isStreaming = true;
      const end = () => {
        isStreaming = false;
      };
      try {
        const snapshot = await diagnostics.takeHeapSnapshot();
        snapshot.once('close', end);
        return Readable.toWeb(snapshot) as ReadableStream<Uint8Array>;
      } catch (error) {
        end();
        throw error;
      }
    },
    readEventLoopDelay: () => diagnostics.readEventLoopDelay(),
  };
}
