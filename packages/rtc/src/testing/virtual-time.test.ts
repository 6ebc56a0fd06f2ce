import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Timed, VirtualTime } from './virtual-time.ts';

/** Fires at each of these times. */
function alarm(times: number[], log: string[], name: string): Timed {
  return {
    deadline: () => times[0] ?? Number.POSITIVE_INFINITY,
    timeout(nowMs) {
      times.shift();
      log.push(`${name}@${nowMs}`);
    },
  };
}

describe('VirtualTime', () => {
  it('runs callbacks in order of time, then in order of scheduling', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 60 }), (times) => {
        const time = new VirtualTime();
        const ran: [number, number][] = [];
        times.forEach((atMs, index) => {
          time.schedule(atMs, () => ran.push([time.nowMs, index]));
        });
        time.runUntil(100);
        const expected = times.map((atMs, index): [number, number] => [atMs, index]);
        expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(ran).toEqual(expected);
        expect(time.nowMs).toBe(100);
      }),
    );
  });

  it('calls a timeout at its deadline, between other events', () => {
    const time = new VirtualTime(5);
    const log: string[] = [];
    const detach = time.attach(alarm([10, 20, 30], log, 'alarm'));
    time.attach(alarm([15], log, 'other'));
    time.schedule(12, () => log.push('event'));
    time.runUntil(20);
    expect(log).toEqual(['alarm@10', 'event', 'other@15', 'alarm@20']);
    detach();
    time.runFor(100);
    expect(log).toHaveLength(4);
  });

  it('runs callbacks that an event schedules, even for the same time, but not canceled ones', () => {
    const time = new VirtualTime();
    const log: string[] = [];
    const cancel = time.schedule(30, () => log.push('cancelled'));
    time.schedule(10, () => {
      log.push('first');
      cancel();
      time.schedule(0, () => log.push(`second@${time.nowMs}`));
    });
    time.runFor(50);
    expect(log).toEqual(['first', 'second@10']);
  });

  it('stops as soon as nothing is pending any more, or when it must give up', () => {
    const time = new VirtualTime();
    let count = 0;
    for (let atMs = 0; atMs < 10; atMs++) time.schedule(atMs, () => count++);
    expect(time.runWhile(() => count < 3, 100)).toBe(true);
    expect(time.nowMs).toBe(2);
    expect(time.runWhile(() => count < 20, 5)).toBe(false);
    expect(count).toBe(6);
    expect(time.runWhile(() => count < 20, 100)).toBe(false);
    expect(count).toBe(10);
  });

  it('throws when a deadline stays in the past', () => {
    const time = new VirtualTime();
    time.attach({ deadline: () => 3, timeout() {} });
    expect(() => time.runFor(10)).toThrow('virtual time does not advance beyond 3 ms');
  });
});
