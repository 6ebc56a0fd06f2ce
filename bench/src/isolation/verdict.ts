/** Effect of one attack. */
export interface IsolationRow {
  readonly name: string;
  readonly description: string;
  /** Work that the attackers got done, in words. */
  readonly attackers: string;
  readonly lossPercent: number;
  readonly p50ExtraDelayMs: number;
  readonly p99ExtraDelayMs: number;
  /** Longest turn of the thread that forwards media, in CPU time, and that of the other threads. */
  readonly mediaTurnMs: number;
  readonly otherTurnMs: number;
  readonly slowestLoginMs: number;
  readonly failedLogins: number;
  readonly closed: readonly string[];
  /** Growth of the resident set 30 s after the end. */
  readonly memoryMiB: number;
}

const LIMITS: Readonly<Record<string, (row: IsolationRow) => boolean>> = {
  loss: (row) => row.lossPercent === 0,
  delay: (row) => row.p99ExtraDelayMs < 20,
  turn: (row) => row.mediaTurnMs <= 10,
  login: (row) => row.slowestLoginMs < 2_000 && row.failedLogins === 0,
  closed: (row) => row.closed.length === 0,
  memory: (row) => row.memoryMiB <= 50,
};

/** Names of the limits that a row exceeds; a value that is not a number exceeds its limit. */
export function exceededLimits(row: IsolationRow): string[] {
  return Object.keys(LIMITS).filter((name) => !LIMITS[name]?.(row));
}
