import type { ThreadReport } from './watch-thread.ts';

/** State of the service at one time: a point of the plot. */
export interface Sample {
  readonly atSeconds: number;
  readonly sessions: number;
  /** Joins so far. */
  readonly joins: number;
  readonly control: ThreadReport;
  readonly media: ThreadReport;
}

/** Adds up the sessions of all installations, as `/metrics` shows them. */
export function sessionsOf(metrics: string): number {
  const counts = [...metrics.matchAll(/^rtcd_rtc_sessions_total\{[^}]*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Number of active resources of a thread. */
export function resourcesOf({ resources }: ThreadReport): number {
  return Object.values(resources).reduce((sum, count) => sum + count, 0);
}
