import type { SourcePacket } from '../../call/published-track.ts';
import { ALL_LAYERS, type Layers } from '../../codecs/layers.ts';
import type { PayloadDescriptor } from '../../codecs/payload-descriptor.ts';
import { PayloadNumbering } from '../../rtp/payload-numbering.ts';
import { timestampDelta } from '../../rtp/sequence.ts';

/** After so many ticks of 90 kHz, packets of the time before a change of layers no longer arrive. */
const FORGOTTEN_TICKS = 90_000 * 60;

/** The highest layer of one dimension that flows, and the one before it: late packets are held against what was true at their time. */
class LayerLimit {
  current = ALL_LAYERS.temporalId;
  #former = this.current;
  #changedAt = 0;

  at(timestamp: number): number {
    return timestampDelta(timestamp, this.#changedAt) < 0 ? this.#former : this.current;
  }

  change(layer: number, timestamp: number): void {
    if (layer === this.current) return;
    this.#former = this.current;
    this.current = layer;
    this.#changedAt = timestamp;
  }

  beginPicture(wanted: number, timestamp: number, isKeyframe: boolean): void {
    // Keeps the comparison of timestamps from turning around, half of their cycle after a change.
    if (timestampDelta(timestamp, this.#changedAt) >= FORGOTTEN_TICKS) {
      this.#former = this.current;
      this.#changedAt = timestamp;
    }
    if (isKeyframe || wanted < this.current) this.change(wanted, timestamp);
  }
}

/**
 * Decides which layers of one encoding a receiver is sent, and numbers their packets as if there were no others. Layers are left out from the
 * next picture on, as no frame depends on one of a higher layer. They are taken up where nothing that follows depends on what was left out:
 * temporal layers at the points that the sender marks, spatial ones at key frames. At other points, the end of a picture would be
 * announced before it is known that a layer is taken up.
 */
export class LayerFilter {
  /** Number of the packet that was taken last; -1 if it came too late to have a place. */
  number = 0;
  /** The packet that was taken last ends its picture, as far as the receiver is sent it. */
  marker = false;
  readonly #numbering = new PayloadNumbering();
  readonly #spatial = new LayerLimit();
  readonly #temporal = new LayerLimit();
  #wanted = ALL_LAYERS;
  #timestamp = 0;
  #isJoining = true;

  /** The receiver wants spatial layers that only a key frame can add. */
  get needsKeyframe(): boolean {
    return this.#wanted.spatialId > this.#spatial.current;
  }

  want(layers: Layers): void {
    this.#wanted = layers;
  }

  /** The next packet comes from another source, and begins a key frame. */
  switchSource(): void {
    this.#numbering.restart();
    this.#isJoining = true;
  }

  /** Returns whether a packet is to be sent. */
  takes({ number, timestamp, marker }: SourcePacket, payload: PayloadDescriptor): boolean {
    if (this.#isJoining || timestampDelta(timestamp, this.#timestamp) > 0) this.#beginPicture(timestamp, payload);
    const { spatialId, temporalId } = payload;
    const highestSpatialId = this.#spatial.at(timestamp);
    if (spatialId > highestSpatialId || temporalId > this.#temporal.at(timestamp)) {
      this.#numbering.skip(number);
      return false;
    }
    this.number = this.#numbering.number(number);
    this.marker = marker || (payload.endsFrame && spatialId === highestSpatialId);
    return true;
  }

  /** With the first packet that arrives of a picture, so that no frame is sent in part. */
  #beginPicture(timestamp: number, payload: PayloadDescriptor): void {
    this.#timestamp = timestamp;
    this.#isJoining = false;
    this.#spatial.beginPicture(this.#wanted.spatialId, timestamp, payload.startsKeyframe);
    this.#temporal.beginPicture(this.#wanted.temporalId, timestamp, payload.startsKeyframe);
    this.#takeUpTemporalLayer(payload, timestamp);
  }

  #takeUpTemporalLayer({ temporalId, isLayerSync, isSwitchingUpPoint }: PayloadDescriptor, timestamp: number): void {
    const { current } = this.#temporal;
    const wanted = this.#wanted.temporalId;
    if (wanted <= current) return;
    if (isSwitchingUpPoint && temporalId <= current) this.#temporal.change(wanted, timestamp);
    else if (isLayerSync && temporalId === current + 1) this.#temporal.change(temporalId, timestamp);
  }
}
