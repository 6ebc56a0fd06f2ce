import { availableParallelism, loadavg } from 'node:os';

/** Load per CPU above which processes wait longer than a picture of a video is shown. Six encoders and thirty decoders cause less. */
const BUSY_LOAD = 2;

/** Says why the machine is too busy to judge what it shows in time, if it is. */
export function busyMachine(): string | undefined {
  const [load = 0] = loadavg();
  const cpus = availableParallelism();
  return load > BUSY_LOAD * cpus ? `the load average is ${load.toFixed(1)} on ${cpus} CPUs` : undefined;
}
