/** A frame's place in the pattern of temporal layers. */
export interface TemporalPosition {
  readonly temporalId: number;
  /** The frame refers to the lowest layer alone (Y of RFC 7741). */
  readonly isLayerSync: boolean;
  /** Count of the frames of the lowest layer, this one included, modulo 256 (TL0PICIDX). */
  readonly level0Index: number;
  /** Template of its dependencies. */
  readonly template: number;
}

const LAYER_FRAMES = 4;
/** Three layers in the order in which libwebrtc sends them, L1T3, by the distance to the last frame of the lowest one. */
const PATTERN = [
  { temporalId: 0, isLayerSync: false, template: 1 },
  { temporalId: 2, isLayerSync: true, template: 3 },
  { temporalId: 1, isLayerSync: true, template: 2 },
  { temporalId: 2, isLayerSync: false, template: 4 },
] as const;
const KEYFRAME_TEMPLATE = 0;
/** Template structure of L1T3 in 320x180 behind the mandatory fields (RTP Payload Format for AV1, appendix A), as libwebrtc writes it. */
const STRUCTURE = Buffer.from('800214eaa860414d1410208427013f00b3', 'hex');

/** Assigns the frames of one encoding to three temporal layers. */
export class TemporalLayers {
  #sinceKeyframe = 0;
  #level0Index = -1;

  /** Returns the position of the next frame. A key frame begins the pattern again. */
  next(isKeyframe: boolean): TemporalPosition {
    this.#sinceKeyframe = isKeyframe ? 0 : this.#sinceKeyframe + 1;
    const position = PATTERN[this.#sinceKeyframe % LAYER_FRAMES]!;
    if (position.temporalId === 0) this.#level0Index = (this.#level0Index + 1) & 0xff;
    return { ...position, level0Index: this.#level0Index, ...(isKeyframe && { template: KEYFRAME_TEMPLATE }) };
  }
}

/** Returns the dependency descriptor of a packet of a frame. */
export function dependencyDescriptor(
  { template }: TemporalPosition,
  { frame, isFirst, isLast }: { readonly frame: number; readonly isFirst: boolean; readonly isLast: boolean },
): Buffer {
  const mandatory = Buffer.of((isFirst ? 0x80 : 0) | (isLast ? 0x40 : 0) | template, (frame >> 8) & 0xff, frame & 0xff);
  return isFirst && template === KEYFRAME_TEMPLATE ? Buffer.concat([mandatory, STRUCTURE]) : mandatory;
}

/** Returns the distance back to the frame that a frame refers to, by its distance to the last key frame; 0 for a key frame. */
export function referenceDistance(sinceKeyframe: number): number {
  if (sinceKeyframe === 0) return 0;
  const position = sinceKeyframe % LAYER_FRAMES;
  if (position === 0) return LAYER_FRAMES;
  return position === 2 ? 2 : 1;
}
