// Serial number arithmetic (RFC 1982) for the two counters of SCTP: 32-bit TSNs and
// re-configuration sequence numbers, 16-bit stream sequence numbers (RFC 9260 section 1.6).

/** The TSN `count` steps after `tsn` (before it if negative). */
export function tsnAdd(tsn: number, count: number): number {
  return (tsn + count) >>> 0;
}

/** Steps from `from` to `to`: positive if `to` comes later. */
export function tsnDistance(from: number, to: number): number {
  return (to - from) | 0;
}

/** Reports whether `a` comes later than `b`. */
export function tsnAfter(a: number, b: number): boolean {
  return tsnDistance(b, a) > 0;
}

export function ssnNext(ssn: number): number {
  return (ssn + 1) & 0xffff;
}

/** Reports whether the stream sequence number `a` comes later than `b`. */
export function ssnAfter(a: number, b: number): boolean {
  return ((a - b) << 16) >> 16 > 0;
}
