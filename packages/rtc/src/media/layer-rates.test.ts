import { beforeEach, describe, expect, it } from 'vitest';
import { ALL_LAYERS } from '../codecs/layers.ts';
import { LayerRates } from './layer-rates.ts';

/** 1,000 bytes with headers. */
const PAYLOAD_BYTES = 940;

let rates: LayerRates;
let nowMs: number;
beforeEach(() => {
  rates = new LayerRates();
  nowMs = 0;
});

/** Sends pictures of one packet each, ten per second, of these layers in turn. */
function send(durationMs: number, ...layers: readonly (readonly [spatialId: number, temporalId: number])[]): void {
  for (const endMs = nowMs + durationMs; nowMs < endMs; nowMs += 100) {
    const [spatialId, temporalId] = layers[(nowMs / 100) % layers.length]!;
    rates.add({ spatialId, temporalId }, PAYLOAD_BYTES, nowMs);
  }
}

const measured = () => rates.rates(nowMs).map(({ layers, bitrateBps }) => ({ layers, bitrateBps }));

describe('the rates of an encoding', () => {
  it('are none before it sends, and after it has stopped', () => {
    expect(measured()).toEqual([]);
    send(3_000, [0, 0]);
    nowMs += 2_000;
    expect(measured()).toEqual([]);
  });

  it('of one layer represent all that may begin', () => {
    send(3_000, [0, 0]);
    expect(measured()).toEqual([{ layers: ALL_LAYERS, bitrateBps: 76_000 }]);
  });

  it('of a temporal layer have those below it within', () => {
    send(4_000, [0, 0], [0, 2], [0, 1], [0, 2]);
    nowMs -= 1;
    const bps = measured().map(({ bitrateBps }) => bitrateBps);
    expect(measured().map(({ layers }) => layers)).toEqual([
      { spatialId: 7, temporalId: 0 },
      { spatialId: 7, temporalId: 1 },
      ALL_LAYERS,
    ]);
    expect(bps).toEqual([20_000, 40_000, 80_000]);
  });

  it('of spatial layers come after all temporal ones of those below', () => {
    send(4_000, [0, 0], [1, 0], [0, 1], [1, 1]);
    expect(measured().map(({ layers }) => layers)).toEqual([
      { spatialId: 0, temporalId: 0 },
      { spatialId: 0, temporalId: 7 },
      { spatialId: 7, temporalId: 0 },
      ALL_LAYERS,
    ]);
  });

  it('on average rise slowly, and outlast a short silence', () => {
    rates.rates(nowMs);
    send(1_000, [0, 0]);
    expect(rates.rates(nowMs)[0]!.averageBps).toBeLessThan(20_000);
    for (let second = 0; second < 20; second++) {
      send(1_000, [0, 0]);
      rates.rates(nowMs);
    }
    expect(rates.rates(nowMs)[0]!.averageBps).toBeGreaterThan(70_000);
  });
});
