import { describe, expect, it } from 'vitest';
import type { TransportProtocol } from './demux.ts';
import { PacketPolicer } from './packet-policer.ts';

/** Packets that are taken of those that arrive at an even rate. */
function taken(kind: TransportProtocol, packetsPerSecond: number, sizeBytes: number, seconds: number): number {
  const policer = new PacketPolicer(0);
  let count = 0;
  for (let packet = 0; packet < packetsPerSecond * seconds; packet++) {
    if (policer.refuse(kind, false, sizeBytes, (packet * 1000) / packetsPerSecond) === undefined) count++;
  }
  return count;
}

describe('media', () => {
  it.each([
    ['a screen in 4K, of 15 Mbit/s in two encodings, with retransmissions', 2_000, 1_200],
    ['probes of 28 Mbit/s', 2_900, 1_200],
    ['a voice in packets of 2.5 ms', 400, 60],
  ])('passes %s', (_, packetsPerSecond, sizeBytes) => {
    expect(taken('rtp', packetsPerSecond, sizeBytes, 10)).toBe(packetsPerSecond * 10);
  });

  it('of 10,000 packets a second, passes the rate of one peer', () => {
    expect(taken('rtp', 10_000, 1_100, 10)).toBeLessThanOrEqual(3_000 * 11);
    expect(taken('rtp', 10_000, 20, 10)).toBeLessThanOrEqual(3_000 * 11);
    expect(taken('rtcp', 10_000, 100, 10)).toBeLessThanOrEqual(3_000 * 11);
  });

  it('passes what was held up for a second and arrives at once', () => {
    const policer = new PacketPolicer(0);
    for (let packet = 0; packet < 2_000; packet++) {
      expect(policer.refuse('rtp', false, 1_200, 1_000)).toBeUndefined();
    }
  });

  it('shares a budget between RTP and RTCP, and none with DTLS and STUN', () => {
    const policer = new PacketPolicer(0);
    for (let packet = 0; packet < 3_000; packet++) policer.refuse('rtp', false, 100, 0);
    expect(policer.refuse('rtp', false, 100, 0)).toBe('media_over_limit');
    expect(policer.refuse('rtcp', false, 100, 0)).toBe('media_over_limit');
    expect(policer.refuse('dtls', false, 100, 0)).toBeUndefined();
    expect(policer.refuse('stun', false, 100, 0)).toBeUndefined();
  });
});

describe('connectivity checks', () => {
  it('from elsewhere take none of those of the path in use', () => {
    const policer = new PacketPolicer(0);
    let refused = 0;
    for (let check = 0; check < 10_000; check++) {
      if (policer.refuse('stun', true, 100, 0) === 'stun_over_limit') refused++;
    }
    expect(refused).toBe(10_000 - 300);
    expect(policer.refuse('stun', false, 100, 0)).toBeUndefined();
  });
});

describe('DTLS', () => {
  it('passes four messages of the largest size at once', () => {
    const policer = new PacketPolicer(0);
    for (let packet = 0; packet < 4 * 58; packet++) {
      expect(policer.refuse('dtls', false, 1_200, 0)).toBeUndefined();
    }
  });

  it('is bounded', () => {
    expect(taken('dtls', 10_000, 100, 10)).toBeLessThanOrEqual(250 * 10 + 300);
    expect(taken('dtls', 10_000, 1_200, 10)).toBeLessThanOrEqual(250 * 10 + 300);
  });
});
