import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ntpMiddle32, ntpTimestamp, roundTripTimeMs, toShortNtp } from './ntp.ts';

describe('NTP timestamps', () => {
  it('count from 1900', () => {
    expect(ntpTimestamp(0)).toEqual({ seconds: 2_208_988_800, fraction: 0 });
    expect(ntpTimestamp(1_500)).toEqual({ seconds: 2_208_988_801, fraction: 0x80000000 });
    expect(ntpTimestamp(Date.UTC(2036, 1, 7, 6, 28, 16))).toEqual({ seconds: 0, fraction: 0 });
  });

  it('have middle bits', () => {
    expect(ntpMiddle32({ seconds: 0xb44db705, fraction: 0x20000000 })).toBe(0xb7052000);
  });
});

describe('round-trip time', () => {
  it('is that of the example in RFC 3550 section 6.4.1', () => {
    // Figure 2: sent at 0xb44db705:20000000, 5.250 s delay, received at 0xb44db710:80000000; 6.125 s by the RFC.
    const sent = ntpMiddle32({ seconds: 0xb44db705, fraction: 0x20000000 });
    const received = ntpMiddle32({ seconds: 0xb44db710, fraction: 0x80000000 });
    expect(toShortNtp(5_250)).toBe(0x00054000);
    expect(roundTripTimeMs(received, sent, toShortNtp(5_250))).toBe(6_125);
  });

  it('is unknown without a sender report, and when the delay cannot be true', () => {
    expect(roundTripTimeMs(1_000, 0, 0)).toBeUndefined();
    expect(roundTripTimeMs(1_000, 900, 756)).toBeUndefined();
    expect(roundTripTimeMs(1_000, 900, 755)).toBe(0);
    expect(roundTripTimeMs(1_000, 900, 0xffffffff)).toBeCloseTo(101 / 65.536, 5);
  });

  it('survives the wrap of its 32 bits', () => {
    const moment = fc.integer({ min: 0, max: 2 ** 43 });
    fc.assert(
      fc.property(moment, fc.nat(60_000), fc.nat(60_000), (unixMs, delayMs, rttMs) => {
        const lastSenderReport = ntpMiddle32(ntpTimestamp(unixMs));
        const now = ntpMiddle32(ntpTimestamp(unixMs + delayMs + rttMs));
        fc.pre(lastSenderReport !== 0);
        // Three roundings to 1/65536 s.
        expect(Math.abs(roundTripTimeMs(now, lastSenderReport, toShortNtp(delayMs))! - rttMs)).toBeLessThan(0.05);
      }),
    );
  });

  it('bounds a delay to its field', () => {
    expect(toShortNtp(-5)).toBe(0);
    expect(toShortNtp(1e12)).toBe(0xffffffff);
  });
});
