import { defaultPlane } from '@rtcd/packet-io';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { collectAddressSpaceLimit } from './address-space-limit.ts';

/** Ways in which an unhandled error reaches the process. */
export type UnhandledErrorKind = 'exception' | 'rejection';

/** Metrics that a process has once, however many services run in it. */
export interface ProcessMetrics {
  readonly registry: Registry;
  unhandledError(kind: UnhandledErrorKind): void;
}

let shared: ProcessMetrics | undefined;

/** Created on first use: the observers of the default metrics cannot be removed again. */
export function processMetrics(): ProcessMetrics {
  shared ??= createProcessMetrics();
  return shared;
}

function createProcessMetrics(): ProcessMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'rtcd_' });
  collectAddressSpaceLimit(registry);
  const packetPlane = new Gauge({
    name: 'rtcd_process_packet_plane',
    help: 'Always 1: the code that encrypts and sends media is a label',
    labelNames: ['plane'],
    registers: [registry],
  });
  packetPlane.set({ plane: defaultPlane().plane }, 1);
  const unhandledErrors = new Counter({
    name: 'rtcd_process_unhandled_errors_total',
    help: 'Exceptions and promise rejections that no code handled',
    labelNames: ['kind'],
    registers: [registry],
  });
  // An alert on an increase misses a series that begins with 1.
  for (const kind of ['exception', 'rejection']) unhandledErrors.inc({ kind }, 0);
  return { registry, unhandledError: (kind) => unhandledErrors.inc({ kind }) };
}
