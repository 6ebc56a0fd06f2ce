import { beforeEach, describe, expect, it } from 'vitest';
import { type TimestampClock, TimestampRewriter } from './timestamp-rewriter.ts';

const START = 5_000;
const TICKS_PER_MS = 48;

/** A clock that shows this timestamp at 0 ms. */
const clockAt = (timestamp: number, reports = 1) => ({
  reports,
  timestampAt: (nowMs: number) => (timestamp + nowMs * TICKS_PER_MS) >>> 0,
});
const unknownClock: TimestampClock = { reports: 0, timestampAt: () => undefined };

let timestamps: TimestampRewriter;
beforeEach(() => {
  timestamps = new TimestampRewriter({ timestamp: START, clockRate: TICKS_PER_MS * 1_000 });
});

function send(sourceTimestamp: number, nowMs: number): number {
  const timestamp = timestamps.rewrite(sourceTimestamp >>> 0);
  timestamps.sent(timestamp, nowMs);
  return timestamp;
}

/** Sends the first packet of a source. */
function join(sourceTimestamp: number, nowMs: number, clock?: TimestampClock): number {
  timestamps.join(sourceTimestamp >>> 0, nowMs, clock);
  return send(sourceTimestamp, nowMs);
}

describe('TimestampRewriter', () => {
  it('begins at the given timestamp, and keeps distances over wraps', () => {
    expect(join(0xffffff00, 0)).toBe(START);
    expect(send(0xffffff00 + 960, 20)).toBe(START + 960);
  });

  it('continues with another source in step with the time that passed, by one tick at least', () => {
    join(1_000, 500);
    expect(join(77, 530)).toBe(START + 30 * TICKS_PER_MS);
    expect(join(0, 530)).toBe(START + 30 * TICKS_PER_MS + 1);
  });

  it('aligns sources whose clocks are known, however their packets are delayed', () => {
    join(1_000, 0, clockAt(1_000));
    // Sampled at 20 ms.
    expect(join(700_000, 150, clockAt(700_000 - 960))).toBe(START + 960);
    expect(timestamps.at(40)).toBe(START + 1_920);
  });

  it('does not go back for a source whose clock is known', () => {
    join(1_000, 0, clockAt(1_000));
    expect(join(700_000, 5, clockAt(700_000))).toBe(START + 1);
  });

  it('ignores clocks that contradict the elapsed time, until they are reported on again', () => {
    join(1_000, 0, clockAt(1_000));
    const clock = clockAt(123_456_789);
    expect(join(700_000, 20, clock)).toBe(START + 960);
    expect(timestamps.at(40)).toBe(START + 1_920);
    Object.assign(clock, clockAt(700_000 - 960 + 480, 2));
    expect(timestamps.at(40)).toBe(START + 1_920 + 480);
  });

  it('continues a source that was paused, however late its next packet is', () => {
    join(0, 0, unknownClock);
    expect(join(1_000 * TICKS_PER_MS, 1_130, unknownClock)).toBe(START + 1_000 * TICKS_PER_MS);
    expect(join(1_040 * TICKS_PER_MS, 1_140, unknownClock)).toBe(START + 1_040 * TICKS_PER_MS);
  });

  it('continues in step with the time if the timestamps of a source stood still in a pause', () => {
    const clock = clockAt(0);
    join(0, 0, clock);
    expect(join(960, 1_000, clock)).toBe(START + 1_000 * TICKS_PER_MS);
    // The last report is from before the pause.
    expect(timestamps.at(1_020)).toBe(START + 1_020 * TICKS_PER_MS);
    expect(join(1_920, 1_020, clock)).toBe(START + 1_020 * TICKS_PER_MS);
    expect(timestamps.at(1_020)).toBe(START + 1_020 * TICKS_PER_MS);
    Object.assign(clock, clockAt(960 - 1_000 * TICKS_PER_MS, 2));
    expect(timestamps.at(1_030)).toBe(START + 1_030 * TICKS_PER_MS);
  });

  it('tells the timestamp of a moment by the last packet while the clock is unknown', () => {
    expect(timestamps.at(50)).toBe(START);
    join(0, 100, unknownClock);
    expect(timestamps.at(200)).toBe(START + 4_800);
  });
});
