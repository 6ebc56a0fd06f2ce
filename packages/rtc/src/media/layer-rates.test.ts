import { describe, expect, it } from 'vitest';
import { ALL_LAYERS } from '../codecs/layers.ts';
import { LayerRates } from './layer-rates.ts';

describe('rates of layers', () => {
  const rates = new LayerRates(1_000);
  const rateOf = (spatialId: number, temporalId: number, nowMs = 1_000) =>
    rates.bitrateBps({ spatialId, temporalId }, nowMs);

  it('are 0 before the first packet', () => {
    expect(rates.bitrateBps(ALL_LAYERS, 0)).toBe(0);
    expect(rates.highest).toEqual({ spatialId: 0, temporalId: 0 });
  });

  it('add up all layers below', () => {
    for (const [spatialId, temporalId, bytes] of [
      [0, 0, 100],
      [0, 2, 300],
      [1, 0, 1_000],
      [1, 2, 3_000],
    ] as const) {
      rates.add({ spatialId, temporalId }, bytes, 1_000);
    }
    expect([rateOf(0, 0), rateOf(0, 1), rateOf(0, 2)]).toEqual([800, 800, 3_200]);
    expect([rateOf(1, 0), rateOf(1, 1), rateOf(1, 2)]).toEqual([8_800, 8_800, 35_200]);
    expect(rates.bitrateBps(ALL_LAYERS, 1_000)).toBe(35_200);
    expect(rates.highest).toEqual({ spatialId: 1, temporalId: 2 });
  });

  it('forget what is older than the window', () => {
    rates.add({ spatialId: 0, temporalId: 1 }, 50, 1_900);
    expect(rateOf(1, 2, 2_500)).toBe(400);
    expect(rateOf(1, 2, 5_000)).toBe(0);
  });
});
