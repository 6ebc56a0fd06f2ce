/** Wall-clock time as RTCP carries it (RFC 3550 section 4): two 32-bit words. */
export interface NtpTimestamp {
  /** Since 1900. */
  readonly seconds: number;
  /** In 1/2^32 s. */
  readonly fraction: number;
}

/** From 1900 to 1970, with 17 leap years. */
const UNIX_EPOCH_SECONDS = (70 * 365 + 17) * 86_400;

export function ntpTimestamp(unixMs: number): NtpTimestamp {
  const wholeSeconds = Math.floor(unixMs / 1000);
  return {
    seconds: (wholeSeconds + UNIX_EPOCH_SECONDS) >>> 0,
    fraction: Math.floor((unixMs / 1000 - wholeSeconds) * 2 ** 32) >>> 0,
  };
}

/** The inverse of `ntpTimestamp`, to a fraction of a microsecond. Before 1970 for timestamps after 2036, which is as good for durations. */
export function unixMsOf({ seconds, fraction }: NtpTimestamp): number {
  return (seconds - UNIX_EPOCH_SECONDS) * 1000 + (fraction * 1000) / 2 ** 32;
}

/** The middle 32 bits, in 1/65536 s, wrapping every 18 hours: what reports use for round-trip times. */
export function ntpMiddle32({ seconds, fraction }: NtpTimestamp): number {
  return ((seconds << 16) | (fraction >>> 16)) >>> 0;
}

/** A duration in the form of DLSR: 1/65536 s, all ones if it is longer than the field. */
export function toShortNtp(durationMs: number): number {
  return Math.min(0xffff_ffff, Math.max(0, Math.round((durationMs * 65_536) / 1000)));
}

/** 10 ms: what coarse clocks may make of a round trip next to nothing. */
const MAX_NEGATIVE_TICKS = 655;

/**
 * Round-trip time in ms by a report block that came at `nowMiddle32` (RFC 3550 section 6.4.1). Undefined if the peer had
 * no sender report yet, or claims much more delay than time has passed.
 */
export function roundTripTimeMs(
  nowMiddle32: number,
  lastSenderReport: number,
  delaySinceLastSenderReport: number,
): number | undefined {
  if (lastSenderReport === 0) return undefined;
  const ticks = (nowMiddle32 - lastSenderReport - delaySinceLastSenderReport) | 0;
  return ticks < -MAX_NEGATIVE_TICKS ? undefined : (Math.max(0, ticks) * 1000) / 65_536;
}
