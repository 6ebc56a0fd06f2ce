import { describe, expect, it } from 'vitest';
import type { Clock } from '../ports.ts';
import { Wakeup } from './wakeup.ts';

class ManualClock implements Clock {
  now = 0;
  timers: { atMs: number; callback: () => void }[] = [];
  nowMs = () => this.now;
  unixMs = () => this.now;

  setTimer(callback: () => void, delayMs: number) {
    const timer = { atMs: this.now + delayMs, callback };
    this.timers.push(timer);
    return timer;
  }

  clearTimer(timer: unknown) {
    this.timers = this.timers.filter((other) => other !== timer);
  }

  advance(toMs: number) {
    this.now = toMs;
    const due = this.timers.filter(({ atMs }) => atMs <= toMs);
    this.timers = this.timers.filter(({ atMs }) => atMs > toMs);
    for (const { callback } of due) callback();
  }
}

function setUp() {
  const clock = new ManualClock();
  const deadline = { ms: Number.POSITIVE_INFINITY };
  const fired: number[] = [];
  const wakeup = new Wakeup(
    clock,
    () => deadline.ms,
    (nowMs) => {
      fired.push(nowMs);
      deadline.ms = Number.POSITIVE_INFINITY;
    },
  );
  return { clock, deadline, fired, wakeup };
}

describe('Wakeup', () => {
  it('sets no timer without a deadline', () => {
    const { clock, wakeup } = setUp();
    wakeup.arm();
    expect(clock.timers).toHaveLength(0);
  });

  it('calls back at the deadline, once', () => {
    const { clock, deadline, fired, wakeup } = setUp();
    deadline.ms = 100;
    wakeup.arm();
    wakeup.arm();
    expect(clock.timers).toHaveLength(1);
    clock.advance(100);
    clock.advance(1_000);
    expect(fired).toEqual([100]);
  });

  it('follows a deadline that moves closer, and one that moves away', () => {
    const { clock, deadline, fired, wakeup } = setUp();
    deadline.ms = 100;
    wakeup.arm();
    deadline.ms = 50;
    wakeup.arm();
    expect(clock.timers).toHaveLength(1);
    deadline.ms = 200;
    wakeup.arm();
    clock.advance(60);
    expect(fired).toEqual([]);
    clock.advance(200);
    expect(fired).toEqual([200]);
  });

  it('is silent once canceled', () => {
    const { clock, deadline, fired, wakeup } = setUp();
    deadline.ms = 100;
    wakeup.arm();
    wakeup.cancel();
    clock.advance(100);
    expect(fired).toEqual([]);
  });

  it('coalesces far deadlines, but not near ones', () => {
    const { clock, deadline, wakeup } = setUp();
    const firesAt = (nowMs: number, deadlineMs: number) => {
      wakeup.cancel();
      clock.now = nowMs;
      deadline.ms = deadlineMs;
      wakeup.arm();
      return clock.timers[0]?.atMs;
    };
    expect([firesAt(0, 1_001), firesAt(0, 1_049.5), firesAt(3, 1_050)]).toEqual([1_050, 1_050, 1_050]);
    expect([firesAt(0, 101), firesAt(1_000, 1_017), firesAt(1_000, 1_003.5)]).toEqual([110, 1_018, 1_004]);
    expect(firesAt(1_000, 900)).toBe(1_000);
  });
});
