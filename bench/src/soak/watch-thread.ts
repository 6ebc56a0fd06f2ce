/** Preloaded into the service under test (`--import`), in each of its threads: reports memory, handles, and the delay of the event loop. */
import { readdirSync, writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { type EventLoopDelay, monitorEventLoop } from '@rtcd/boundary/diagnostics';
import { collectOnSignal } from '../collect-on-signal.ts';

/** One line of JSON on this descriptor per report. */
const REPORTS_FD = 3;
const INTERVAL_MS = Number(process.env['SOAK_SAMPLE_MS'] ?? 1_000);

/** Report of one thread about the time since its last one. */
export interface ThreadReport {
  readonly thread: 'control' | 'media';
  readonly atMs: number;
  /** After a full collection that was asked for. */
  readonly isCollected: boolean;
  /** The resident set and the open files are those of the whole process. */
  readonly residentBytes: number;
  readonly openFiles: number;
  /** The rest is that of the thread. `externalBytes` includes buffers. */
  readonly heapBytes: number;
  /** Memory that V8 has for the heap, used or not. */
  readonly heapTotalBytes: number;
  readonly externalBytes: number;
  /** Number of active resources, such as sockets and timers, by type. */
  readonly resources: Readonly<Record<string, number>>;
  readonly delay: EventLoopDelay;
}

const eventLoop = monitorEventLoop();

function report(isCollected: boolean): void {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  const line: ThreadReport = {
    thread: isMainThread ? 'control' : 'media',
    atMs: performance.timeOrigin + performance.now(),
    isCollected,
    residentBytes: rss,
    openFiles: countOpenFiles(),
    heapBytes: heapUsed,
    heapTotalBytes: heapTotal,
    externalBytes: external,
    resources: countResources(),
    delay: eventLoop.read(),
  };
  try {
    writeSync(REPORTS_FD, `${JSON.stringify(line)}\n`);
  } catch (error) {
    // A full pipe loses a report. A broken one means that the bench has ended.
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(1);
  }
}

function countOpenFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0; // not on this platform
  }
}

function countResources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const type of process.getActiveResourcesInfo()) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

setInterval(() => report(false), INTERVAL_MS).unref();
collectOnSignal(() => report(true));
