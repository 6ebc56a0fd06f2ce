import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ntpMiddle32 } from '../rtp/ntp.ts';
import { ReceiveStatistics } from './receive-statistics.ts';
import { SendStatistics } from './send-statistics.ts';

const SSRC = 0xdecafbad;
const CLOCK_RATE = 48_000;

function receiver() {
  const statistics = new ReceiveStatistics(CLOCK_RATE);
  /** Packets on time, one every 20 ms. */
  const receive = (...sequenceNumbers: number[]) => {
    for (const index of sequenceNumbers) statistics.receive(index & 0xffff, (index * 960) >>> 0, index * 20);
  };
  return { statistics, receive, report: (nowMs = 0) => statistics.report(SSRC, nowMs) };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe('ReceiveStatistics', () => {
  it('reports nothing before the first packet', () => {
    expect(receiver().report()).toEqual({
      ssrc: SSRC,
      fractionLost: 0,
      cumulativeLost: 0,
      extendedHighestSequence: 0,
      jitterTicks: 0,
      lastSenderReport: 0,
      delaySinceLastSenderReport: 0,
    });
  });

  it('distinguishes the loss since the last report from the total', () => {
    const { receive, report } = receiver();
    receive(...range(100, 150), ...range(160, 200));
    expect(report()).toMatchObject({ fractionLost: 25, cumulativeLost: 10, extendedHighestSequence: 199 });
    receive(...range(200, 300));
    expect(report()).toMatchObject({ fractionLost: 0, cumulativeLost: 10, extendedHighestSequence: 299 });
    receive(399);
    expect(report()).toMatchObject({ fractionLost: 253, cumulativeLost: 109 });
    expect(report()).toMatchObject({ fractionLost: 0, cumulativeLost: 109 });
  });

  it('does not count reordering as loss', () => {
    const { receive, report } = receiver();
    receive(1, 2, 5, 4, 3, 6);
    expect(report()).toMatchObject({ fractionLost: 0, cumulativeLost: 0, extendedHighestSequence: 6 });
  });

  it('reports a negative loss if packets arrive twice, but never a negative fraction', () => {
    const { receive, report } = receiver();
    receive(1, 2, 2, 2, 3);
    expect(report()).toMatchObject({ fractionLost: 0, cumulativeLost: -2 });
  });

  it('counts the wraps of sequence numbers', () => {
    const { receive, report } = receiver();
    receive(...range(65_000, 66_000), 0x1_0000 + 2_000, 0x1_0000 + 1_990);
    expect(report().extendedHighestSequence).toBe(0x1_0000 + 2_000);
    receive(...range(0x1_0000 + 2_001, 0x2_0000 + 5));
    expect(report().extendedHighestSequence).toBe(0x2_0004);
  });

  it('does not count reordering over a wrap as another one', () => {
    const { receive, report } = receiver();
    receive(0xfffe, 0x1_0000, 0xffff, 0x1_0001);
    expect(report()).toMatchObject({ extendedHighestSequence: 0x1_0001, cumulativeLost: 0 });
  });

  it('restarts when two consecutive packets are far off, and ignores a single one', () => {
    const { receive, report } = receiver();
    receive(...range(100, 200), 30_000, 200);
    expect(report()).toMatchObject({ extendedHighestSequence: 200, cumulativeLost: 0 });
    receive(30_000, 30_001, 30_002);
    expect(report()).toMatchObject({ extendedHighestSequence: 30_002, cumulativeLost: 0 });
  });

  it('continues after a gap of 30,000', () => {
    const { receive, report } = receiver();
    receive(...range(100, 200), ...range(30_200, 30_300));
    expect(report().extendedHighestSequence).toBe(30_299);
  });

  it('keeps the loss within 24 bits', () => {
    const { receive, report } = receiver();
    for (let round = 0; round < 4_000; round++) receive(round * 2_999);
    expect(report().cumulativeLost).toBe(0x7fffff);
  });

  it('reports no jitter when packets arrive in step with their timestamps', () => {
    const { receive, report } = receiver();
    receive(...range(89_478_400, 89_478_600));
    expect(report().jitterTicks).toBe(0);
  });

  it('smooths differences of transit times by 1/16', () => {
    const { statistics } = receiver();
    const arrivalsMs = [0, 20, 45, 60, 90];
    let expected = 0;
    for (const [index, nowMs] of arrivalsMs.entries()) {
      statistics.receive(index, index * 960, nowMs);
      if (index === 0) continue;
      const difference = Math.abs((nowMs - arrivalsMs[index - 1]! - 20) * 48);
      expected += (difference - expected) / 16;
      expect(statistics.jitterTicks).toBeCloseTo(expected, 6);
    }
    expect(statistics.jitterTicks).toBeGreaterThan(20);
  });

  it('measures jitter between frames, not between their packets, and not by late packets', () => {
    const { statistics } = receiver();
    statistics.receive(1, 0, 0);
    for (const [sequenceNumber, nowMs] of [
      [2, 5],
      [3, 9],
    ] as const)
      statistics.receive(sequenceNumber, 0, nowMs);
    statistics.receive(6, 960, 20);
    statistics.receive(5, 480, 300);
    statistics.receive(7, 1_920, 40);
    expect(statistics.jitterTicks).toBe(0);
  });

  it('does not treat retransmissions as a restart, as old as SRTP lets them be', () => {
    const { receive, report } = receiver();
    receive(...range(0, 100), ...range(102, 1_100), 100, 101);
    expect(report()).toMatchObject({ extendedHighestSequence: 1_099, cumulativeLost: 0 });
  });

  it('echoes the last sender report with the time since', () => {
    const { statistics, report } = receiver();
    statistics.receiveSenderReport(0x12345678, 1_000);
    expect(report(3_500)).toMatchObject({ lastSenderReport: 0x12345678, delaySinceLastSenderReport: 2.5 * 65_536 });
  });

  it('fits its fields, whatever arrives', () => {
    const packet = fc.tuple(fc.nat(0xffff), fc.integer({ min: 0, max: 0xffffffff }), fc.nat(1e9));
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 100 }), (packets) => {
        const { statistics, report } = receiver();
        for (const [sequenceNumber, timestamp, nowMs] of packets) statistics.receive(sequenceNumber, timestamp, nowMs);
        const { fractionLost, cumulativeLost, jitterTicks } = report();
        expect(fractionLost).toBeGreaterThanOrEqual(0);
        expect(fractionLost).toBeLessThanOrEqual(255);
        expect(Math.abs(cumulativeLost)).toBeLessThanOrEqual(0x800000);
        expect(jitterTicks).toBeLessThanOrEqual(2 ** 31);
      }),
    );
  });
});

describe('SendStatistics', () => {
  it('counts packets and payload bytes', () => {
    const statistics = new SendStatistics(CLOCK_RATE);
    statistics.sent(80);
    statistics.sent(100);
    expect(statistics).toMatchObject({ packets: 2, octets: 180 });
    expect(statistics.senderInfo(1_960, 0)).toEqual({
      ntp: { seconds: 2_208_988_800, fraction: 0 },
      timestamp: 1_960,
      packets: 2,
      octets: 180,
    });
  });

  it('has news once after a packet was sent', () => {
    const statistics = new SendStatistics(CLOCK_RATE);
    expect(statistics.takeNews()).toBe(false);
    statistics.sent(80);
    expect([statistics.takeNews(), statistics.takeNews()]).toEqual([true, false]);
  });

  it('counts retransmissions', () => {
    const statistics = new SendStatistics(CLOCK_RATE);
    statistics.sent(80);
    statistics.resent(20);
    expect(statistics.senderInfo(1_000, 0)).toMatchObject({ packets: 2, octets: 100 });
    expect(statistics.resentPackets).toBe(1);
  });

  it('learns loss, jitter, and round-trip time from reports', () => {
    const statistics = new SendStatistics(CLOCK_RATE);
    const unixMs = 1_700_000_000_000;
    const lastSenderReport = ntpMiddle32(statistics.senderInfo(0, unixMs).ntp);
    const block = {
      ssrc: SSRC,
      fractionLost: 64,
      cumulativeLost: 5,
      extendedHighestSequence: 9,
      jitterTicks: 96,
      lastSenderReport,
      delaySinceLastSenderReport: 65_536,
    };
    statistics.receiveReport(block, unixMs + 1_080);
    expect(statistics).toMatchObject({ lossRatio: 0.25, jitterMs: 2 });
    expect(statistics.roundTripMs).toBeCloseTo(80, 1);

    statistics.receiveReport({ ...block, lastSenderReport: 0 }, unixMs + 5_000);
    expect(statistics.roundTripMs).toBeCloseTo(80, 1);
  });
});
