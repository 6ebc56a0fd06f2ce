/** Waits for all that was left to `process.nextTick`, before the event loop turns. */
export const tickEnd = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/** Waits for all that was left to `setImmediate`, before sockets are read again. */
export const turnEnd = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * CPU time and not wall time, since a machine is rarely alone: both threads' work of this process, user and kernel.
 * Resolves with microseconds, once `work` and all that `end` waits for is done.
 */
export async function cpuMicroseconds(work: () => void, end = tickEnd): Promise<number> {
  const before = process.cpuUsage();
  work();
  await end();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** The middle of the samples, which one disturbance does not move. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >>> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
