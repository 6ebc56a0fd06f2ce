/** One line of a benchmark's table. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the design hopes for, as it is to be shown. */
  readonly aim?: string;
}
