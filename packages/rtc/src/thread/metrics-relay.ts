import { type RtcMetrics, silentMetrics } from '../ports.ts';

/** Methods that return what is then called with each observation. */
const BOUND = ['trackWriteTime', 'receiverReport'] as const satisfies readonly (keyof RtcMetrics)[];
type BoundMethod = (typeof BOUND)[number];
type CountedMethod = Exclude<keyof RtcMetrics, BoundMethod>;

type Call = readonly [method: CountedMethod, ...args: readonly (string | number)[]];
type Binding = readonly [method: BoundMethod, groupID: string, trackType: string];

/** Observations of a thread since those before. */
export interface MetricsBatch {
  readonly calls: readonly Call[];
  readonly bindings: readonly Binding[];
  /** In threes: the place of a binding, and the values that it was called with. NaN is none. */
  readonly values: Float64Array;
  /** Observations that were left out. */
  readonly dropped: number;
}

const VALUES = 3;
/** Observations between two reports: a second's worth of a thousand voices. */
const MAX_OBSERVATIONS = 50_000;
const MAX_CALLS = 50_000;

interface BoundMetric {
  readonly binding: Binding;
  /** Its place in the present batch, -1 if it has none. */
  place: number;
}

/** Collects observations, for another thread to count. A packet costs it three numbers in an array. */
export class MetricsRecorder {
  readonly metrics: RtcMetrics;
  readonly #values = new Float64Array(MAX_OBSERVATIONS * VALUES);
  #length = 0;
  #calls: Call[] = [];
  #bound: BoundMetric[] = [];
  #dropped = 0;

  constructor() {
    const counted = Object.keys(silentMetrics).filter((name) => !BOUND.some((bound) => bound === name));
    this.metrics = {
      ...(Object.fromEntries(
        counted.map((name) => [
          name,
          (...args: readonly (string | number)[]) => this.#count([name as CountedMethod, ...args]),
        ]),
      ) as Pick<RtcMetrics, CountedMethod>),
      trackWriteTime: (groupID, trackType) => {
        const metric: BoundMetric = { binding: ['trackWriteTime', groupID, trackType], place: -1 };
        return (seconds) => this.#observe(metric, seconds, Number.NaN);
      },
      receiverReport: (groupID, trackType) => {
        const metric: BoundMetric = { binding: ['receiverReport', groupID, trackType], place: -1 };
        return (lossRatio, roundTripSeconds) => this.#observe(metric, lossRatio, roundTripSeconds ?? Number.NaN);
      },
    };
  }

  take(): MetricsBatch {
    const batch: MetricsBatch = {
      calls: this.#calls,
      bindings: this.#bound.map(({ binding }) => binding),
      values: this.#values.slice(0, this.#length),
      dropped: this.#dropped,
    };
    for (const metric of this.#bound) metric.place = -1;
    this.#calls = [];
    this.#bound = [];
    this.#length = 0;
    this.#dropped = 0;
    return batch;
  }

  #count(call: Call): void {
    if (this.#calls.length >= MAX_CALLS) this.#dropped++;
    else this.#calls.push(call);
  }

  #observe(metric: BoundMetric, first: number, second: number): void {
    if (this.#length >= this.#values.length) {
      this.#dropped++;
      return;
    }
    if (metric.place < 0) metric.place = this.#bound.push(metric) - 1;
    this.#values[this.#length] = metric.place;
    this.#values[this.#length + 1] = first;
    this.#values[this.#length + 2] = second;
    this.#length += VALUES;
  }
}

/** Counts the observations of another thread. */
export function replayMetrics({ calls, bindings, values }: MetricsBatch, metrics: RtcMetrics): void {
  for (const [method, ...args] of calls) (metrics[method] as (...args: readonly unknown[]) => void)(...args);
  const bound = bindings.map(([method, groupID, trackType]) => metrics[method](groupID, trackType));
  for (let at = 0; at < values.length; at += VALUES) {
    const second = values[at + 2]!;
    bound[values[at]!]!(values[at + 1]!, Number.isNaN(second) ? undefined : second);
  }
}
