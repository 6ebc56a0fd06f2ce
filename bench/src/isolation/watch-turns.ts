/**
 * Preloaded into the service under test (`--import`), in each of its threads: measures the CPU time of every turn of the event loop.
 *
 * An unreferenced immediate runs once per turn and keeps neither the process nor the loop from sleeping. A thread uses no CPU
 * while it waits for events, so the CPU time between two of them is that of one turn, whatever else the machine does.
 */
import { Socket } from 'node:dgram';
import { writeSync } from 'node:fs';
import { isMainThread, threadId } from 'node:worker_threads';
import { collectOnSignal } from '../collect-on-signal.ts';

/** One line of JSON on this descriptor per report. */
const REPORTS_FD = 3;
const REPORT_INTERVAL_MS = 100;

/** Report of one thread about a tenth of a second. */
export interface TurnReport {
  readonly thread: number;
  /** The thread has a bound datagram socket. */
  readonly isMedia: boolean;
  readonly atMs: number;
  readonly longestTurnMs: number;
  readonly turns: number;
  readonly cpuMs: number;
  /** After a full collection that was asked for with SIGUSR2; by the main thread only. */
  readonly residentBytes?: number;
}

let isMedia = false;
const bind = Socket.prototype.bind as (...parameters: unknown[]) => Socket;
Socket.prototype.bind = function markThread(this: Socket, ...parameters: unknown[]) {
  isMedia = true;
  return bind.apply(this, parameters);
};

function cpuMicroseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

let lastMicroseconds = cpuMicroseconds();
let longestMicroseconds = 0;
let totalMicroseconds = 0;
let turns = 0;
let reportedMs = performance.now();

function endTurn(): void {
  setImmediate(endTurn).unref();
  const now = cpuMicroseconds();
  const turn = now - lastMicroseconds;
  lastMicroseconds = now;
  turns += 1;
  totalMicroseconds += turn;
  if (turn > longestMicroseconds) longestMicroseconds = turn;
  if (performance.now() - reportedMs >= REPORT_INTERVAL_MS) report({});
}

function report(more: Pick<TurnReport, 'residentBytes'>): void {
  reportedMs = performance.now();
  const line: TurnReport = {
    thread: threadId,
    isMedia,
    atMs: performance.timeOrigin + reportedMs,
    longestTurnMs: longestMicroseconds / 1000,
    turns,
    cpuMs: totalMicroseconds / 1000,
    ...more,
  };
  longestMicroseconds = 0;
  totalMicroseconds = 0;
  turns = 0;
  try {
    writeSync(REPORTS_FD, `${JSON.stringify(line)}\n`);
  } catch {
    // A full pipe loses a report, not the service.
  }
}

// Idle threads report, too, and a turn without events has an end.
setInterval(() => {}, REPORT_INTERVAL_MS).unref();
setImmediate(endTurn).unref();

collectOnSignal(() => {
  if (isMainThread) report({ residentBytes: process.memoryUsage.rss() });
});
