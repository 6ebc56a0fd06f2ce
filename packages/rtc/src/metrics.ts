import { check } from '@rtcd/boundary';
import { type RtcMetrics, silentMetrics } from './ports.ts';

const METHODS = Object.keys(silentMetrics) as (keyof RtcMetrics)[];

/** Accepts objects whose methods, as far as they are there, are functions. */
export const metricsCheck = check.object<Partial<RtcMetrics>>(
  Object.fromEntries(METHODS.map((method) => [method, check.optional(check.func)])) as Record<
    keyof RtcMetrics,
    ReturnType<typeof check.optional>
  >,
);

/** Fills the gaps with silence. Methods keep their `this`, so that metrics may be the instance of a class. */
export function completeMetrics(metrics: Partial<RtcMetrics> = {}): RtcMetrics {
  const methods = METHODS.map((method) => [method, metrics[method]?.bind(metrics) ?? silentMetrics[method]]);
  return Object.fromEntries(methods) as RtcMetrics;
}
