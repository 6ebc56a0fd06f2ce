import type { Registry } from 'prom-client';

export interface BoundHistogramOptions<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  /** Upper bounds, rising. */
  readonly buckets: readonly number[];
  readonly registry: Registry;
}

interface Series<L extends string> {
  readonly labels: Readonly<Record<L, string>>;
  /** Per bucket, not cumulative; one more for what is above all bounds. */
  readonly counts: Float64Array;
  sum: number;
}

/** A histogram for the packet path: its series are bound to their labels once, and observing only adds numbers. */
export interface BoundHistogram<L extends string> {
  bind(labels: Readonly<Record<L, string>>): (value: number) => void;
}

/** Registers the histogram; its text for Prometheus is made when it is asked for. */
export function createBoundHistogram<L extends string>(options: BoundHistogramOptions<L>): BoundHistogram<L> {
  const { name, help, labelNames, buckets, registry } = options;
  const allSeries = new Map<string, Series<L>>();

  const keyOf = (labels: Readonly<Record<L, string>>) => JSON.stringify(labelNames.map((label) => labels[label]));

  const metric = {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    get: async () => ({
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      values: [...allSeries.values()].flatMap(samples),
    }),
    reset: () => allSeries.clear(),
    remove: (labels: Readonly<Record<L, string>>) => allSeries.delete(keyOf(labels)),
  };
  // The registry asks a metric for no more than this; its type requires one of prom-client's own classes.
  registry.registerMetric(metric as unknown as Parameters<Registry['registerMetric']>[0]);

  function samples({ labels, counts, sum }: Series<L>) {
    let count = 0;
    const bucketSamples = [...buckets, '+Inf'].map((le, index) => {
      count += counts[index] ?? 0;
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
    });
    return [
      ...bucketSamples,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }

  return {
    bind(labels) {
      const key = keyOf(labels);
      let series = allSeries.get(key);
      if (series === undefined) {
        series = { labels, counts: new Float64Array(buckets.length + 1), sum: 0 };
        allSeries.set(key, series);
      }
      const { counts } = series;
      const bound = series;
      return (value) => {
        let bucket = 0;
        while (bucket < buckets.length && value > buckets[bucket]!) {
          bucket++;
        }
        counts[bucket]! += 1;
        bound.sum += value;
      };
    },
  };
}
