import type { BitReader } from './bit-reader.ts';

/** The template id has six bits. */
const MAX_TEMPLATES = 64;
/** dt_cnt_minus_one has five. */
const MAX_DECODE_TARGETS = 32;
const MAX_SPATIAL_ID = 3;
const MAX_TEMPORAL_ID = 7;

/** Decode target indications (section A.8.1.2). */
const NOT_PRESENT = 0;
export const SWITCH = 2;

const SAME_LAYER = 0;
const NEXT_TEMPORAL_LAYER = 1;
const NEXT_SPATIAL_LAYER = 2;

/**
 * The template dependency structure (RTP Payload Format for AV1, section A.8.2), which key frames carry and all frames up to the next refer
 * to. Its tables are allocated once, and read into again.
 */
export class DependencyStructure {
  templateIdOffset = 0;
  templates = 0;
  decodeTargets = 0;
  chains = 0;
  readonly spatialIds = new Uint8Array(MAX_TEMPLATES);
  readonly temporalIds = new Uint8Array(MAX_TEMPLATES);
  /** Distance in frame numbers from each template to the oldest frame that it depends on; 0 if on none. */
  readonly furthestReferences = new Uint8Array(MAX_TEMPLATES);
  /** Highest layer in each decode target. */
  readonly targetSpatialIds = new Uint8Array(MAX_DECODE_TARGETS);
  /** By template, then decode target. */
  readonly #indications = new Uint8Array(MAX_TEMPLATES * MAX_DECODE_TARGETS);

  indication(template: number, target: number): number {
    return this.#indications[template * MAX_DECODE_TARGETS + target]!;
  }

  /** Returns false if the structure is malformed: nothing can refer to it then. */
  read(bits: BitReader): boolean {
    this.templateIdOffset = bits.read(6);
    this.decodeTargets = bits.read(5) + 1;
    const isValid = this.#readLayers(bits) && this.#readIndications(bits) && this.#readReferences(bits);
    if (!isValid || !this.#readChains(bits)) this.templates = 0;
    else if (bits.readFlag()) this.#skipResolutions(bits);
    if (bits.isOverrun) this.templates = 0;
    return this.templates > 0;
  }

  #readLayers(bits: BitReader): boolean {
    let spatialId = 0;
    let temporalId = 0;
    for (this.templates = 0; this.templates < MAX_TEMPLATES && !bits.isOverrun; ) {
      this.spatialIds[this.templates] = spatialId;
      this.temporalIds[this.templates++] = temporalId;
      const next = bits.read(2);
      if (next === SAME_LAYER) continue;
      if (next === NEXT_TEMPORAL_LAYER) temporalId++;
      else if (next === NEXT_SPATIAL_LAYER) {
        temporalId = 0;
        spatialId++;
      } else return true;
      if (temporalId > MAX_TEMPORAL_ID || spatialId > MAX_SPATIAL_ID) return false;
    }
    return false;
  }

  #readIndications(bits: BitReader): boolean {
    this.targetSpatialIds.fill(0);
    for (let template = 0; template < this.templates && !bits.isOverrun; template++) {
      const spatialId = this.spatialIds[template]!;
      for (let target = 0; target < this.decodeTargets; target++) {
        const indication = bits.read(2);
        this.#indications[template * MAX_DECODE_TARGETS + target] = indication;
        if (indication !== NOT_PRESENT && spatialId > this.targetSpatialIds[target]!) {
          this.targetSpatialIds[target] = spatialId;
        }
      }
    }
    return !bits.isOverrun;
  }

  #readReferences(bits: BitReader): boolean {
    for (let template = 0; template < this.templates; template++) {
      let furthest = 0;
      while (bits.readFlag()) furthest = Math.max(furthest, bits.read(4) + 1);
      this.furthestReferences[template] = furthest;
    }
    return !bits.isOverrun;
  }

  #readChains(bits: BitReader): boolean {
    this.chains = bits.readNonSymmetric(this.decodeTargets + 1);
    if (this.chains === 0) return true;
    for (let target = 0; target < this.decodeTargets; target++) bits.readNonSymmetric(this.chains);
    for (let count = this.templates * this.chains; count > 0 && !bits.isOverrun; count--) bits.skip(4);
    return !bits.isOverrun;
  }

  #skipResolutions(bits: BitReader): void {
    // A width and a height of 16 bits each.
    bits.skip((this.spatialIds[this.templates - 1]! + 1) * 32);
  }
}
