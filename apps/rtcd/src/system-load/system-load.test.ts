import { availableParallelism } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { cpuLoad, DRAINING_CPU_LOAD, MAX_CPU_LOAD, watchSystemLoad } from './system-load.ts';

const at = (atSeconds: number, idleSeconds: number) => ({ atSeconds, idleSeconds });

describe('cpu_load', () => {
  it('is 1 / (idle CPU seconds gained per second), over the whole machine', () => {
    expect(cpuLoad(at(10, 100), at(11, 104))).toBe(0.25);
    expect(cpuLoad(at(10, 100), at(12, 101))).toBe(2);
  });

  it.each([
    ['a machine without any idle time', at(11, 100)],
    ['less idle time than a tick', at(11, 100.001)],
    ['cores that went offline with their idle time', at(11, 90)],
    ['no time at all', at(10, 100)],
    ['a clock that went back', at(9, 101)],
    ['an unreadable number', at(11, Number.NaN)],
  ])('is a bounded number for %s', (_, later) => {
    expect(cpuLoad(at(10, 100), later)).toBe(MAX_CPU_LOAD);
  });

  it('is lower on any machine than on one that drains', () => {
    expect(DRAINING_CPU_LOAD).toBeGreaterThan(MAX_CPU_LOAD);
    expect(JSON.parse(JSON.stringify({ load: DRAINING_CPU_LOAD }))).toEqual({ load: DRAINING_CPU_LOAD });
  });
});

describe('watching it', () => {
  afterEach(() => void vi.useRealTimers());

  it('samples each second', () => {
    vi.useFakeTimers();
    let reading = at(10, 100);
    const load = watchSystemLoad(() => reading);
    reading = at(11, 104);
    vi.advanceTimersByTime(999);
    expect(load.cpuLoad()).not.toBe(0.25);
    vi.advanceTimersByTime(1);
    expect(load.cpuLoad()).toBe(0.25);
    reading = at(12, 104);
    vi.advanceTimersByTime(1000);
    expect(load.cpuLoad()).toBe(MAX_CPU_LOAD);
    load.close();
    reading = at(13, 108);
    vi.advanceTimersByTime(1000);
    expect(load.cpuLoad()).toBe(MAX_CPU_LOAD);
  });

  it('returns a number for this machine from the start', () => {
    const load = watchSystemLoad();
    expect(load.cpuLoad()).toBeGreaterThan(0.9 / availableParallelism() / 16);
    expect(load.cpuLoad()).toBeLessThanOrEqual(MAX_CPU_LOAD);
    load.close();
  });
});
