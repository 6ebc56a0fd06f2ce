import { cpus, uptime } from 'node:os';

/** Idle CPU time since boot, summed over all cores, and the time of the measurement. */
export interface IdleReading {
  readonly idleSeconds: number;
  readonly atSeconds: number;
}

/**
 * The clock that counts idle time ticks at 10 ms: less idle time than one tick per second cannot be distinguished from none.
 * Without this floor a machine without idle time would have an infinite load, which JSON cannot carry.
 */
const IDLE_FLOOR = 0.01;

/** Load of a machine without any idle time. */
export const MAX_CPU_LOAD = 1 / IDLE_FLOOR;

/** Higher than any measured load, so that clients place no calls here. */
export const DRAINING_CPU_LOAD = 10 * MAX_CPU_LOAD;

const SAMPLE_INTERVAL_MS = 1000;

/** 1 / (idle CPU seconds gained per second of time), from 1 / cores for an idle machine up to `MAX_CPU_LOAD`. */
export function cpuLoad(earlier: IdleReading, later: IdleReading): number {
  const seconds = later.atSeconds - earlier.atSeconds;
  const idle = (later.idleSeconds - earlier.idleSeconds) / seconds;
  // Cores that go offline take their idle time along, and no time may have passed: neither is a number to divide by.
  return idle > IDLE_FLOOR ? 1 / idle : MAX_CPU_LOAD;
}

/** Samples the load of the whole machine each second. */
export interface SystemLoad {
  /** Load in the last full second, or in all the time since boot before there was one. */
  cpuLoad(): number;
  close(): void;
}

export function watchSystemLoad(read: () => IdleReading = readIdleTime): SystemLoad {
  let last = read();
  let load = cpuLoad({ idleSeconds: 0, atSeconds: last.atSeconds - uptime() }, last);
  const timer = setInterval(() => {
    const reading = read();
    load = cpuLoad(last, reading);
    last = reading;
  }, SAMPLE_INTERVAL_MS).unref();
  return { cpuLoad: () => load, close: () => clearInterval(timer) };
}

function readIdleTime(): IdleReading {
  const idleMs = cpus().reduce((sum, { times }) => sum + times.idle, 0);
  return { idleSeconds: idleMs / 1000, atSeconds: performance.now() / 1000 };
}
