import type { MediaFlow, Sample } from './media-flow.ts';

/** Part of a run, in milliseconds of virtual time. */
export type Span = readonly [fromMs: number, toMs: number];

const within = (atMs: number, [fromMs, toMs]: Span): boolean => atMs > fromMs && atMs <= toMs;

export const samplesWithin = (flow: MediaFlow, span: Span): Sample[] =>
  flow.samples.filter(({ atMs }) => within(atMs, span));

export const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Returns the rate at which a flow arrived. */
export const arrivedBps = (flow: MediaFlow, span: Span): number =>
  mean(samplesWithin(flow, span).map((sample) => sample.arrivedBps));

/** Returns the time in queues that `share` of the packets of these flows did not exceed. */
export function queuedMs(flows: readonly MediaFlow[], span: Span, share = 0.95): number {
  const all = flows.flatMap((flow) => flow.queuedMs.filter(({ atMs }) => within(atMs, span)).map(({ ms }) => ms));
  all.sort((a, b) => a - b);
  return all[Math.floor(all.length * share)] ?? 0;
}

/** Jain's index of fairness: 1 if all have the same, 1/n if one has all (RFC 8868 section 4.2). */
export function fairness(rates: readonly number[]): number {
  const sum = rates.reduce((total, rate) => total + rate, 0);
  return sum ** 2 / (rates.length * rates.reduce((total, rate) => total + rate ** 2, 0));
}

/** Returns how long after `fromMs` the estimate was first above or below a rate; Infinity if never. */
export function reachedMs(flow: MediaFlow, fromMs: number, isReached: (estimateBps: number) => boolean): number {
  const sample = flow.samples.find(({ atMs, estimateBps }) => atMs > fromMs && isReached(estimateBps));
  return sample ? sample.atMs - fromMs : Number.POSITIVE_INFINITY;
}
