import { check, validate } from '@rtcd/boundary';
import { PacketIoError } from '../errors.ts';
import type { SrtpReceiverLimits } from '../packet-plane.ts';

const limitsCheck = check.object<SrtpReceiverLimits>({ maxSsrcs: check.optional(check.integer(1)) });

/**
 * Upper bound on synchronization sources of one peer. Each of its tracks has up to three at a time, and every screen share brings
 * new ones. None is forgotten while the keys last, for its packets could be replayed. Each takes about 300 bytes.
 */
const DEFAULT_MAX_SSRCS = 1024;

/** Synchronization sources that a receiver tracks. Throws `PacketIoError` 'invalid_option'. */
export function maxSsrcsOf(limits: SrtpReceiverLimits): number {
  validate('limits', limits, limitsCheck, (message) => new PacketIoError('invalid_option', message));
  return limits.maxSsrcs ?? DEFAULT_MAX_SSRCS;
}
