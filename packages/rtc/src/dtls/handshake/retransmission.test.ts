import { describe, expect, it } from 'vitest';
import { Retransmission } from './retransmission.ts';

describe('Retransmission', () => {
  it('waits 100 ms, then twice as long each time, up to 2 s', () => {
    const retransmission = new Retransmission(1000);
    const waits: number[] = [];
    let nowMs = 1000;
    for (let count = 0; count < 7; count++) {
      const deadline = retransmission.deadline();
      expect(retransmission.onTimeout(deadline - 1)).toBe(false);
      expect(retransmission.onTimeout(deadline)).toBe(true);
      waits.push(deadline - nowMs);
      nowMs = deadline;
    }
    expect(waits).toEqual([100, 200, 400, 800, 1600, 2000, 2000]);
  });

  it('answers a request, but not each of a burst, and does not wait longer for that', () => {
    const retransmission = new Retransmission(0);
    expect(retransmission.onRequest(10)).toBe(false);
    expect(retransmission.onRequest(50)).toBe(true);
    expect(retransmission.onRequest(60)).toBe(false);
    expect(retransmission.deadline()).toBe(150);
  });

  it('ends after a bounded number of attempts', () => {
    const retransmission = new Retransmission(0);
    let sent = 0;
    for (let nowMs = 0; nowMs < 100_000; nowMs += 50) if (retransmission.onRequest(nowMs)) sent++;
    expect(sent).toBe(40);
    expect(retransmission.deadline()).toBe(Number.POSITIVE_INFINITY);
    expect(retransmission.onTimeout(200_000)).toBe(false);
  });
});
