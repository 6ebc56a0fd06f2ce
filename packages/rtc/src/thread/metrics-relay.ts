import { type RtcMetrics, silentMetrics } from '../ports.ts';

/** Methods that return what is then called with each observation. */
const BOUND = ['trackWriteTime', 'receiverReport'] as const satisfies readonly (keyof RtcMetrics)[];
type BoundMethod = (typeof BOUND)[number];

/** Methods that count something: of calls with the same arguments, only their number matters. */
const COUNTED = [
  'sessionOpened',
  'sessionClosed',
  'connectionState',
  'error',
  'trackAdded',
  'trackRemoved',
  'keyframeRequested',
  'videoDecided',
] as const satisfies readonly (keyof RtcMetrics)[];
type CountedMethod = (typeof COUNTED)[number];

/** All others observe one value. */
type ValueMethod = Exclude<keyof RtcMetrics, BoundMethod | CountedMethod>;
const VALUE_METHODS = Object.keys(silentMetrics).filter(
  (name) => ![...BOUND, ...COUNTED].some((other) => other === name),
) as readonly ValueMethod[];

type Count = { readonly method: CountedMethod; readonly args: readonly string[]; times: number };
type Value = readonly [method: ValueMethod, groupID: string, value: number];
type Binding = readonly [method: BoundMethod, groupID: string, trackType: string];

/** Observations of a thread since those before. */
export interface MetricsBatch {
  readonly counts: readonly Readonly<Count>[];
  readonly values: readonly Value[];
  readonly bindings: readonly Binding[];
  /** In threes: the place of a binding, and the values that it was called with. NaN is none. */
  readonly boundValues: Float64Array;
  /** Values that were left out. Counts never are: gauges would be wrong from then on. */
  readonly dropped: number;
}

const BOUND_WORDS = 3;
/** Values between two reports: a second's worth of a thousand voices. */
const MAX_BOUND_VALUES = 50_000;
const MAX_VALUES = 50_000;

interface BoundMetric {
  readonly binding: Binding;
  /** Its place in the present batch, -1 if it has none. */
  place: number;
}

/**
 * Collects observations, for another thread to count. A packet costs it three numbers in an array. While the other thread takes no batch, values are bounded in number, and
 * counts by the labels that there are.
 */
export class MetricsRecorder {
  readonly metrics: RtcMetrics;
  #counts = new Map<string, Count>();
  #values: Value[] = [];
  readonly #boundValues = new Float64Array(MAX_BOUND_VALUES * BOUND_WORDS);
  #length = 0;
  #bound: BoundMetric[] = [];
  #dropped = 0;

  constructor() {
    const counted = COUNTED.map((method) => [method, (...args: readonly string[]) => this.#count(method, args)]);
    const values = VALUE_METHODS.map((method) => [
      method,
      (groupID: string, value: number) => this.#add([method, groupID, value]),
    ]);
    this.metrics = {
      ...(Object.fromEntries([...counted, ...values]) as Pick<RtcMetrics, CountedMethod | ValueMethod>),
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
      counts: [...this.#counts.values()],
      values: this.#values,
      bindings: this.#bound.map(({ binding }) => binding),
      boundValues: this.#boundValues.slice(0, this.#length),
      dropped: this.#dropped,
    };
    for (const metric of this.#bound) metric.place = -1;
    this.#counts = new Map();
    this.#values = [];
    this.#bound = [];
    this.#length = 0;
    this.#dropped = 0;
    return batch;
  }

  #count(method: CountedMethod, args: readonly string[]): void {
    const key = [method, ...args].join('\n');
    const count = this.#counts.get(key);
    if (count) count.times++;
    else this.#counts.set(key, { method, args, times: 1 });
  }

  #add(value: Value): void {
    if (this.#values.length >= MAX_VALUES) this.#dropped++;
    else this.#values.push(value);
  }

  #observe(metric: BoundMetric, first: number, second: number): void {
    if (this.#length >= this.#boundValues.length) {
      this.#dropped++;
      return;
    }
    if (metric.place < 0) metric.place = this.#bound.push(metric) - 1;
    this.#boundValues[this.#length] = metric.place;
    this.#boundValues[this.#length + 1] = first;
    this.#boundValues[this.#length + 2] = second;
    this.#length += BOUND_WORDS;
  }
}

/** Counts the observations of another thread. */
export function replayMetrics({ counts, values, bindings, boundValues }: MetricsBatch, metrics: RtcMetrics): void {
  for (const { method, args, times } of counts) {
    const count = metrics[method] as (...args: readonly string[]) => void;
    for (let time = 0; time < times; time++) count(...args);
  }
  for (const [method, groupID, value] of values) metrics[method](groupID, value);
  const bound = bindings.map(([method, groupID, trackType]) => metrics[method](groupID, trackType));
  for (let at = 0; at < boundValues.length; at += BOUND_WORDS) {
    const second = boundValues[at + 2]!;
    bound[boundValues[at]!]!(boundValues[at + 1]!, Number.isNaN(second) ? undefined : second);
  }
}
