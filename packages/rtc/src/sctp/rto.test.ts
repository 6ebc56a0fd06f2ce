import { describe, expect, it } from 'vitest';
import { RetransmissionTimeout } from './rto.ts';

describe('the retransmission timeout', () => {
  it('is a second before anything is known', () => {
    expect(new RetransmissionTimeout().timeoutMs).toBe(1000);
  });

  it('follows the round trips', () => {
    const rto = new RetransmissionTimeout();
    rto.measured(1000);
    expect(rto.timeoutMs).toBe(3000);
    expect(rto.smoothedMs).toBe(1000);
    rto.measured(200);
    expect(rto.smoothedMs).toBe(900);
    // Variation: 3/4 of 500 and 1/4 of the difference 800.
    expect(rto.timeoutMs).toBe(900 + 4 * 575);
  });

  it('stays above the delay of a SACK', () => {
    const rto = new RetransmissionTimeout();
    for (let count = 0; count < 50; count += 1) rto.measured(5);
    expect(rto.timeoutMs).toBe(400);
  });

  it('doubles up to a bound, until the peer acknowledges something', () => {
    const rto = new RetransmissionTimeout();
    rto.measured(100);
    const waits = Array.from({ length: 6 }, () => {
      rto.backOff();
      return rto.timeoutMs;
    });
    expect(waits).toEqual([800, 1600, 3200, 4000, 4000, 4000]);
    rto.progressed();
    expect(rto.timeoutMs).toBe(400);
  });
});
