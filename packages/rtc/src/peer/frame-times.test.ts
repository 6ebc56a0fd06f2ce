import { describe, expect, it } from 'vitest';
import { SenderClock } from '../rtcp/sender-clock.ts';
import { ntpTimestamp } from '../rtp/ntp.ts';
import { FrameTimes } from './frame-times.ts';

const TICKS_PER_MS = 48;
const setup = () => new FrameTimes(48_000, new SenderClock());

describe('times of frames', () => {
  it('follow the timestamps, and not the jitter of arrivals', () => {
    const times = setup();
    const arrivals = [100, 125, 141, 190, 180].map((arrivedMs, i) => times.timeOf(i * 20 * TICKS_PER_MS, arrivedMs));
    expect(arrivals).toEqual([100, 120, 140, 160, 180]);
  });

  it('are those of the frame with the least delay', () => {
    const times = setup();
    expect(times.timeOf(0, 150)).toBe(150);
    expect(times.timeOf(20 * TICKS_PER_MS, 110)).toBe(110);
    expect(times.timeOf(40 * TICKS_PER_MS, 180)).toBe(130);
  });

  it('begin again after a pause over which the timestamps stood still', () => {
    const times = setup();
    times.timeOf(0, 100);
    expect(times.timeOf(20 * TICKS_PER_MS, 60_000)).toBe(60_000);
  });

  it('are those of the reports, on one clock for all streams', () => {
    const clock = new SenderClock();
    const [audio, video] = [new FrameTimes(48_000, clock), new FrameTimes(90_000, clock)];
    audio.receiveReport({ ntp: ntpTimestamp(1_000), timestamp: 4_800 }, 5_000);
    video.receiveReport({ ntp: ntpTimestamp(1_000), timestamp: 9_000 }, 5_000);
    expect(audio.timeOf(4_800 + 100 * 48, 5_180)).toBeCloseTo(5_100, 1);
    expect(video.timeOf(9_000 + 100 * 90, 5_320)).toBeCloseTo(5_100, 1);
  });

  it('are those of arrivals where a report contradicts them', () => {
    const times = setup();
    times.receiveReport({ ntp: ntpTimestamp(1_000), timestamp: 0 }, 5_000);
    expect(times.timeOf(20 * TICKS_PER_MS, 65_000)).toBe(65_000);
  });
});
