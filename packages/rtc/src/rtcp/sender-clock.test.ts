import { beforeEach, describe, expect, it } from 'vitest';
import { ntpTimestamp } from '../rtp/ntp.ts';
import { timestampDelta } from '../rtp/sequence.ts';
import { SenderClock, SourceClock } from './sender-clock.ts';

/** A sender whose clocks run wrongly by a factor, and whose wall clock is hours off. */
class Sender {
  unixMs = 1_700_000_000_000 + 12_345_678.9;
  readonly #speed: number;

  constructor(driftPpm: number) {
    this.#speed = 1 + driftPpm / 1e6;
  }

  /** The sender report of a stream, whose timestamps begin anywhere. */
  report(atMs: number, clockRate: number, start: number) {
    const elapsedMs = atMs * this.#speed;
    const timestamp = (start + Math.round((elapsedMs * clockRate) / 1000)) >>> 0;
    return { ntp: ntpTimestamp(this.unixMs + elapsedMs), timestamp };
  }
}

const AUDIO = { clockRate: 48_000, start: 0xffff_0000 };
const VIDEO = { clockRate: 90_000, start: 12_345 };

let clock: SenderClock;
let audio: SourceClock;
let video: SourceClock;
beforeEach(() => {
  clock = new SenderClock();
  audio = new SourceClock(clock, AUDIO.clockRate);
  video = new SourceClock(clock, VIDEO.clockRate);
});

/** By how many ms a receiver plays audio too late relative to video. */
function skewMs(sender: Sender, nowMs: number): number {
  const errorMs = (source: SourceClock, { clockRate, start }: typeof AUDIO) => {
    const { timestamp } = sender.report(nowMs, clockRate, start);
    return (timestampDelta(source.timestampAt(nowMs)!, timestamp) * 1000) / clockRate;
  };
  return errorMs(audio, AUDIO) - errorMs(video, VIDEO);
}

/** Reports of both streams for a while, audio each 5 s and video each second as from Chromium, each with another delay. Returns the largest skew. */
function run(sender: Sender, fromMs: number, untilMs: number, delayMs: (report: number) => number): number {
  let largest = 0;
  let reports = 0;
  const events: { nowMs: number; happen(nowMs: number): void }[] = [];
  const report = (source: SourceClock, { clockRate, start }: typeof AUDIO, atMs: number) => {
    const sent = sender.report(atMs, clockRate, start);
    events.push({ nowMs: atMs + delayMs(reports++), happen: (nowMs) => source.receive(sent, nowMs) });
  };
  const compare = (nowMs: number) => {
    if (audio.timestampAt(nowMs) === undefined || video.timestampAt(nowMs) === undefined) return;
    largest = Math.max(largest, Math.abs(skewMs(sender, nowMs)));
  };
  for (let atMs = fromMs; atMs < untilMs; atMs += 1_000) {
    if ((atMs - fromMs) % 5_000 === 0) report(audio, AUDIO, atMs);
    report(video, VIDEO, atMs);
    events.push({ nowMs: atMs + 900, happen: compare });
  }
  for (const { nowMs, happen } of events.toSorted((one, other) => one.nowMs - other.nowMs)) happen(nowMs);
  return largest;
}

/** Between 20 and 270 ms, not in step with anything. */
const jitterMs = (report: number) => 20 + ((report * 7919) % 251);

describe('SourceClock', () => {
  it('knows nothing before the first report, nor from a sender without a clock', () => {
    audio.receive({ ntp: { seconds: 0, fraction: 0 }, timestamp: 5 }, 10);
    expect(audio.timestampAt(10)).toBeUndefined();
  });

  it('continues the timestamps of the report, over their wrap', () => {
    audio.receive({ ntp: ntpTimestamp(5_000), timestamp: 0xffff_ffff }, 70);
    expect(audio.timestampAt(70)).toBe(0xffff_ffff);
    expect(audio.timestampAt(90)).toBe(959);
    expect(audio.timestampAt(50)).toBe(0xffff_ffff - 960);
  });

  it.each([0, 100, -100])(
    'keeps audio and video in step within 1 ms over a jittery path, %i ppm off our clock',
    (ppm) => {
      const sender = new Sender(ppm);
      expect(run(sender, 0, 600_000, jitterMs)).toBeLessThan(1);
    },
  );

  it('keeps them in step when the reports are held up for seconds', () => {
    const sender = new Sender(50);
    run(sender, 0, 60_000, jitterMs);
    const heldUpMs = (report: number) => jitterMs(report) + (report % 3) * 2_000;
    expect(run(sender, 60_000, 120_000, heldUpMs)).toBeLessThan(2);
  });

  it('follows a clock that drifts', () => {
    const sender = new Sender(100);
    run(sender, 0, 3_600_000, () => 30);
    const { timestamp } = sender.report(3_600_000, VIDEO.clockRate, VIDEO.start);
    const behindMs = timestampDelta(timestamp, video.timestampAt(3_600_030)!) / 90;
    expect(Math.abs(behindMs)).toBeLessThan(2);
  });

  it.each([3_600_000, -250])('keeps them in step when the wall clock of the sender is set by %i ms', (stepMs) => {
    const sender = new Sender(20);
    run(sender, 0, 62_000, jitterMs);
    sender.unixMs += stepMs;
    expect(run(sender, 62_000, 120_000, jitterMs)).toBeLessThan(1);
  });

  it('recognizes timestamps that jump: the clock was not set', () => {
    const sender = new Sender(0);
    run(sender, 0, 10_000, () => 30);
    const { ntp, timestamp } = sender.report(10_000, VIDEO.clockRate, VIDEO.start);
    video.receive({ ntp, timestamp: (timestamp + 1_000_000) >>> 0 }, 10_030);
    expect(video.timestampAt(10_030)).toBe((timestamp + 1_000_000) >>> 0);
    expect(
      timestampDelta(audio.timestampAt(10_030)!, sender.report(10_000, AUDIO.clockRate, AUDIO.start).timestamp),
    ).toBe(0);
  });
});
