/**
 * CPU time and not wall time, since a machine is rarely alone: both threads' work of this process, user and kernel.
 * Resolves with microseconds, once `work` and all that it left to `process.nextTick` is done, before the event loop turns.
 */
export async function cpuMicroseconds(work: () => void): Promise<number> {
  const before = process.cpuUsage();
  work();
  await new Promise<void>((resolve) => process.nextTick(resolve));
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** The middle of the samples, which one disturbance does not move. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >>> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
