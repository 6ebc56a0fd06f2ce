import { cpus, loadavg } from 'node:os';

/** The machine that a measurement ran on, for its results. */
export interface Machine {
  readonly cores: number;
  readonly model: string | undefined;
  readonly loadAverage: readonly number[];
  readonly node: string;
}

export const describeMachine = (): Machine => ({
  cores: cpus().length,
  model: cpus()[0]?.model,
  loadAverage: loadavg(),
  node: process.version,
});
