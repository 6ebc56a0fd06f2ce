/** Buckets for latencies, in seconds. */
export const LATENCY_BUCKETS = [0.001, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.3, 0.4, 0.5, 0.75, 1];

/** Buckets for ratios of lost packets. */
export const LOSS_BUCKETS = [0.001, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1];

/** Prometheus' own defaults, in seconds: of things that a person waits for. */
export const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
