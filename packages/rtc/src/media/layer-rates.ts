import type { LayerRate } from '../call/published-track.ts';
import { ALL_LAYERS, type Layers } from '../codecs/layers.ts';
import { BitrateMeter } from './bitrate-meter.ts';

/** Headers of RTP, SRTP, UDP and IP: the same as in an estimate of bandwidth. */
const OVERHEAD_BYTES = 60;
/** Several pictures of a screen that shows 5 of them per second. */
const WINDOW_MS = 2_000;
/** Rates are worked out once for all receivers that ask within this time. */
const REFRESH_MS = 100;
/** Time in which the average comes near a rate that has changed: to 63%. */
const AVERAGE_MS = 4_000;

interface MeasuredLayer extends Layers {
  readonly meter: BitrateMeter;
  /** Average rate of this layer and all that it may depend on. */
  averageBps: number;
}

/** Measures the rate of one encoding by its layers. */
export class LayerRates {
  /** The lowest layer first. Codecs number at most eight of each dimension. */
  #layers: readonly MeasuredLayer[] = [];
  #last: MeasuredLayer | undefined;
  #rates: readonly LayerRate[] = [];
  #computedMs = Number.NEGATIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** Time of the last payload, negative infinity before the first one. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** Adds a payload of a layer, whose ids are 0 to 7. */
  add({ spatialId, temporalId }: Layers, bytes: number, nowMs: number): void {
    if (this.#last?.spatialId !== spatialId || this.#last.temporalId !== temporalId) {
      this.#last = this.#find(spatialId, temporalId) ?? this.#create(spatialId, temporalId);
    }
    this.#lastMs = nowMs;
    this.#last.meter.add(bytes + OVERHEAD_BYTES, nowMs);
  }

  /** Rates as `PublishedLevel.rates` describes them. */
  rates(nowMs: number): readonly LayerRate[] {
    if (nowMs - this.#computedMs < REFRESH_MS) return this.#rates;
    const elapsedMs = nowMs - this.#computedMs;
    this.#computedMs = nowMs;
    this.#rates = this.#compute(elapsedMs, nowMs);
    return this.#rates;
  }

  #compute(elapsedMs: number, nowMs: number): readonly LayerRate[] {
    const weight = 1 - Math.exp(-elapsedMs / AVERAGE_MS);
    const ownBps = this.#layers.map(({ meter }) => meter.bitrateBps(nowMs));
    const sent = this.#layers.filter((_, index) => ownBps[index]! > 0);
    const highestSpatialId = Math.max(...sent.map(({ spatialId }) => spatialId));
    return this.#layers.flatMap((layer) => {
      const bitrateBps = this.#layers.reduce((sum, other, i) => sum + (includes(layer, other) ? ownBps[i]! : 0), 0);
      layer.averageBps += weight * (bitrateBps - layer.averageBps);
      if (!sent.includes(layer)) return [];
      const { spatialId, temporalId, averageBps } = layer;
      // The highest one represents all: one that begins is forwarded with its first picture.
      const isHighest = !sent.some((other) => other.spatialId === spatialId && other.temporalId > temporalId);
      const layers = {
        spatialId: spatialId === highestSpatialId ? ALL_LAYERS.spatialId : spatialId,
        temporalId: isHighest ? ALL_LAYERS.temporalId : temporalId,
      };
      return [{ layers, bitrateBps, averageBps }];
    });
  }

  #find(spatialId: number, temporalId: number): MeasuredLayer | undefined {
    return this.#layers.find((layer) => layer.spatialId === spatialId && layer.temporalId === temporalId);
  }

  #create(spatialId: number, temporalId: number): MeasuredLayer {
    const layer = { spatialId, temporalId, meter: new BitrateMeter(WINDOW_MS), averageBps: 0 };
    this.#layers = [...this.#layers, layer].sort(
      (one, other) => one.spatialId - other.spatialId || one.temporalId - other.temporalId,
    );
    return layer;
  }
}

/** A layer depends on lower ones alone. */
const includes = (layer: MeasuredLayer, other: MeasuredLayer): boolean =>
  other.spatialId <= layer.spatialId && other.temporalId <= layer.temporalId;
