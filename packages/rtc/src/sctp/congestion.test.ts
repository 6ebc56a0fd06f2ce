import { describe, expect, it } from 'vitest';
import { CongestionControl } from './congestion.ts';

const PACKET = 1000;

describe('congestion control', () => {
  it('begins with four small packets or two large ones', () => {
    expect(new CongestionControl(1000).windowBytes).toBe(4000);
    expect(new CongestionControl(1136).windowBytes).toBe(4404);
    expect(new CongestionControl(9000).windowBytes).toBe(18_000);
  });

  it('grows by what was acknowledged, at most a packet, only while the window is used', () => {
    const congestion = new CongestionControl(PACKET);
    congestion.onAcked(2000, 1, 4000, false);
    expect(congestion.windowBytes).toBe(5000);
    congestion.onAcked(300, 2, 4500, false);
    expect(congestion.windowBytes).toBe(5300);
    congestion.onAcked(1000, 3, 1000, true);
    expect(congestion.windowBytes).toBe(5300);
  });

  it('halves on loss, once per recovery, and then grows by a packet per window', () => {
    const congestion = new CongestionControl(PACKET);
    while (congestion.windowBytes < 20_000) congestion.onAcked(PACKET, 1, congestion.windowBytes, false);
    congestion.onFastRetransmit(100);
    expect(congestion.windowBytes).toBe(10_000);
    expect(congestion.inFastRecovery).toBe(true);
    congestion.onFastRetransmit(110);
    congestion.onAcked(5000, 99, 10_000, false);
    expect(congestion.windowBytes).toBe(10_000);
    congestion.onAcked(1000, 100, 10_000, false);
    expect(congestion.inFastRecovery).toBe(false);

    congestion.onAcked(PACKET, 101, 10_000, false);
    expect(congestion.windowBytes).toBe(11_000);
    for (let acked = 0; acked < 10; acked += 1) congestion.onAcked(PACKET, 102 + acked, 11_000, false);
    expect(congestion.windowBytes).toBe(11_000);
    congestion.onAcked(PACKET, 112, 11_000, false);
    expect(congestion.windowBytes).toBe(12_000);
  });

  it('shrinks to one packet on a timeout, and grows back to half by slow start', () => {
    const congestion = new CongestionControl(PACKET);
    while (congestion.windowBytes < 20_000) congestion.onAcked(PACKET, 1, congestion.windowBytes, false);
    congestion.onTimeout();
    expect(congestion.windowBytes).toBe(PACKET);
    for (let count = 0; count < 10; count += 1) congestion.onAcked(PACKET, 1, congestion.windowBytes, false);
    expect(congestion.windowBytes).toBe(11_000);
    congestion.onAcked(PACKET, 1, 11_000, false);
    expect(congestion.windowBytes).toBe(11_000);
  });

  it('forgets a large window when idle, but not below four packets', () => {
    const congestion = new CongestionControl(PACKET);
    while (congestion.windowBytes < 20_000) congestion.onAcked(PACKET, 1, congestion.windowBytes, false);
    congestion.onIdle(1);
    expect(congestion.windowBytes).toBe(10_000);
    congestion.onIdle(1000);
    expect(congestion.windowBytes).toBe(4000);
  });

  it('lets four packets leave at once', () => {
    const congestion = new CongestionControl(PACKET);
    while (congestion.windowBytes < 20_000) congestion.onAcked(PACKET, 1, congestion.windowBytes, false);
    expect(congestion.burstLimit(0)).toBe(4000);
    expect(congestion.burstLimit(10_000)).toBe(14_000);
    expect(congestion.burstLimit(18_000)).toBe(20_000);
  });
});
