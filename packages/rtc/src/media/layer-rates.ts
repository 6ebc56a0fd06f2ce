import { ALL_LAYERS, type Layers } from '../codecs/layers.ts';
import { BitrateMeter } from './bitrate-meter.ts';

const TEMPORAL_LAYERS = ALL_LAYERS.temporalId + 1;

/** Measures the rate of each layer of an encoding over the last `windowMs`. */
export class LayerRates {
  readonly #windowMs: number;
  /** By `placeOf`, from the first packet of a layer on. */
  readonly #meters: (BitrateMeter | undefined)[] = [];
  #highestSpatialId = 0;
  #highestTemporalId = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** The highest layers of which a packet ever arrived. */
  get highest(): Layers {
    return { spatialId: this.#highestSpatialId, temporalId: this.#highestTemporalId };
  }

  /** Adds bytes of one layer that arrived at `nowMs`, which does not go back. */
  add({ spatialId, temporalId }: Layers, bytes: number, nowMs: number): void {
    if (spatialId > this.#highestSpatialId) this.#highestSpatialId = spatialId;
    if (temporalId > this.#highestTemporalId) this.#highestTemporalId = temporalId;
    const place = spatialId * TEMPORAL_LAYERS + temporalId;
    this.#meters[place] ??= new BitrateMeter(this.#windowMs);
    this.#meters[place].add(bytes, nowMs);
  }

  /** Returns the rate of the layers up to these, in bits per second. */
  bitrateBps(layers: Layers, nowMs: number): number {
    let sumBps = 0;
    for (const [place, meter] of this.#meters.entries()) {
      if (meter === undefined || place % TEMPORAL_LAYERS > layers.temporalId) continue;
      if (Math.floor(place / TEMPORAL_LAYERS) <= layers.spatialId) sumBps += meter.bitrateBps(nowMs);
    }
    return sumBps;
  }
}
