import { seededRandom } from '@rtcd/packet-io/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { LossModel } from './loss-model.ts';

const PACKET_BYTES = 1_200;
const ESTIMATE_BPS = 2_000_000;

let model: LossModel;
let random: () => number;
let nowMs: number;

beforeEach(() => {
  model = new LossModel();
  random = seededRandom(1);
  nowMs = 0;
});

/** Sends at a rate for some time, or at what the model allows if that is less. */
function send(rateBps: number, durationMs: number, lossAt: (bps: number) => number): void {
  const endMs = nowMs + durationMs;
  while (nowMs < endMs) {
    const bps = Math.min(rateBps, model.capacityBps);
    for (const updateMs = nowMs + 50; nowMs < updateMs; nowMs += (PACKET_BYTES * 8_000) / bps) {
      model.add(PACKET_BYTES, nowMs, random() < lossAt(bps));
    }
    model.update(ESTIMATE_BPS);
  }
}

/** A path that drops all that is more than its capacity, without a queue. */
const policer = (capacityBps: number) => (bps: number) => Math.max(0, 1 - capacityBps / bps);

describe('LossModel', () => {
  it.each([0.02, 0.05, 0.1])('finds no limit where a share of %d is lost at any rate', (ratio) => {
    for (let round = 0; round < 20; round++) send(1_500_000 + 500_000 * random(), 1_000, () => ratio);
    expect(model.capacityBps).toBe(Number.POSITIVE_INFINITY);
    expect(model.inherent).toBeCloseTo(ratio, 1);
  });

  it('finds the rate above which packets are lost', () => {
    send(800_000, 5_000, policer(1_000_000));
    expect(model.capacityBps).toBe(Number.POSITIVE_INFINITY);
    send(2_000_000, 15_000, policer(1_000_000));
    expect(model.capacityBps).toBeGreaterThan(850_000);
    expect(model.capacityBps).toBeLessThan(1_200_000);
  });

  it('limits a path that loses more than any path should', () => {
    send(2_000_000, 10_000, () => 0.3);
    expect(model.capacityBps).toBeLessThan(150_000);
  });

  it('concludes nothing from a few packets', () => {
    for (let number = 0; number < 30; number++) model.add(PACKET_BYTES, number * 20, number % 2 === 0);
    model.update(ESTIMATE_BPS);
    expect(model.capacityBps).toBe(Number.POSITIVE_INFINITY);
  });
});
