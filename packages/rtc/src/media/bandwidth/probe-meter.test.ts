import { beforeEach, describe, expect, it } from 'vitest';
import { ProbeMeter } from './probe-meter.ts';

const PACKET_BYTES = 250;

let meter: ProbeMeter;
beforeEach(() => {
  meter = new ProbeMeter();
});

/** Has packets arrive that leave and arrive at these intervals: 2 ms are 1 Mbit/s. */
function arrive(id: number, packets: number, sentIntervalMs: number, arrivalIntervalMs: number): void {
  for (let packet = 0; packet < packets; packet++) {
    meter.arrived(id, PACKET_BYTES, packet * sentIntervalMs, 100 + packet * arrivalIntervalMs);
  }
}

describe('ProbeMeter', () => {
  it('measures the rate of a probe that arrives as it was sent', () => {
    arrive(1, 10, 2, 2);
    expect(meter.bps).toBe(1_000_000);
  });

  it('takes a little less than what arrives of a probe that fills the path', () => {
    arrive(1, 10, 2, 4);
    expect(meter.bps).toBe(475_000);
  });

  it('takes no more than what was sent', () => {
    arrive(1, 10, 2, 1.5);
    expect(meter.bps).toBe(1_000_000);
  });

  it.each([
    ['too few packets', 3, 2, 2],
    ['packets that were sent at once', 10, 0, 2],
    ['packets that arrive at once', 10, 2, 0],
    ['packets that arrive much faster than they were sent', 10, 4, 1],
    ['packets that arrive over more than a second', 10, 2, 200],
  ])('measures nothing from %s', (_, packets, sentIntervalMs, arrivalIntervalMs) => {
    arrive(1, packets, sentIntervalMs, arrivalIntervalMs);
    expect(meter.bps).toBeUndefined();
  });

  it('begins anew with the next probe', () => {
    arrive(1, 10, 2, 4);
    arrive(2, 10, 1, 1);
    expect(meter.id).toBe(2);
    expect(meter.bps).toBe(2_000_000);
  });
});
