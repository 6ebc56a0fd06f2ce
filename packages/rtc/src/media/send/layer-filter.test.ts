import { beforeEach, describe, expect, it } from 'vitest';
import type { SourcePacket } from '../../call/published-track.ts';
import { ALL_LAYERS } from '../../codecs/layers.ts';
import { emptyPayloadDescriptor, type PayloadDescriptor } from '../../codecs/payload-descriptor.ts';
import { SenderClock, SourceClock } from '../../rtcp/sender-clock.ts';
import { LayerFilter } from './layer-filter.ts';

const FRAME_TICKS = 3_000;
const clock = new SourceClock(new SenderClock(), 90_000);

let layers: LayerFilter;
let number: number;
beforeEach(() => {
  layers = new LayerFilter();
  number = 0;
});

function packet(picture: number, ownNumber: number, marker: boolean): SourcePacket {
  const timestamp = (0xffff_0000 + picture * FRAME_TICKS) >>> 0;
  const fields = {
    marker,
    number: ownNumber,
    timestamp,
    audioLevel: -1,
    payloadType: 96,
    redundantBytes: 0,
    payloadLength: 1,
    arrivedMs: 0,
  };
  return { ...fields, clock, video: undefined };
}

/** The number under which the next packet of the source is sent, undefined if it is not. */
function take(picture: number, payload: Partial<PayloadDescriptor> = {}, marker = false): number | undefined {
  return takeAt(number++, picture, payload, marker);
}

function takeAt(
  ownNumber: number,
  picture: number,
  payload: Partial<PayloadDescriptor> = {},
  marker = false,
): number | undefined {
  const isTaken = layers.takes(packet(picture, ownNumber, marker), { ...emptyPayloadDescriptor(), ...payload });
  return isTaken ? layers.number : undefined;
}

const KEYFRAME = { startsKeyframe: true };

describe('LayerFilter', () => {
  it('passes all layers by default', () => {
    expect(take(0, KEYFRAME)).toBe(0);
    expect(take(1, { temporalId: 3 })).toBe(1);
    expect(take(1, { temporalId: 3, spatialId: 7 })).toBe(2);
    expect(layers.needsKeyframe).toBe(false);
  });

  it('leaves out temporal layers from the next picture on, and closes the gaps in numbers', () => {
    take(0, KEYFRAME);
    expect(take(1, { temporalId: 1 })).toBe(1);
    layers.want({ ...ALL_LAYERS, temporalId: 0 });
    expect(take(1, { temporalId: 1 })).toBe(2);
    expect(take(2, { temporalId: 2 })).toBeUndefined();
    expect(take(3)).toBe(3);
    expect(take(4, { temporalId: 1 })).toBeUndefined();
    expect(take(5)).toBe(4);
  });

  it('adds temporal layers one by one if they depend only on the lowest', () => {
    layers.want({ ...ALL_LAYERS, temporalId: 0 });
    take(0, KEYFRAME);
    layers.want(ALL_LAYERS);
    expect(take(1, { temporalId: 2, isLayerSync: true })).toBeUndefined();
    expect(take(2, { temporalId: 1 })).toBeUndefined();
    expect(take(3, { temporalId: 1, isLayerSync: true })).toBe(1);
    expect(take(4, { temporalId: 2 })).toBeUndefined();
    expect(take(5, { temporalId: 2, isLayerSync: true })).toBe(2);
    expect(take(6, { temporalId: 2 })).toBe(3);
  });

  it('adds all temporal layers at a switching-up point of a layer that flows', () => {
    layers.want({ ...ALL_LAYERS, temporalId: 0 });
    take(0, KEYFRAME);
    layers.want({ ...ALL_LAYERS, temporalId: 2 });
    expect(take(1, { temporalId: 1, isSwitchingUpPoint: true })).toBeUndefined();
    expect(take(2, { isSwitchingUpPoint: true })).toBe(1);
    expect(take(3, { temporalId: 2 })).toBe(2);
    expect(take(4, { temporalId: 3 })).toBeUndefined();
  });

  it('adds no layer inside a picture', () => {
    layers.want({ ...ALL_LAYERS, temporalId: 0 });
    take(0, KEYFRAME);
    expect(take(1, { temporalId: 1, isLayerSync: true })).toBeUndefined();
    layers.want(ALL_LAYERS);
    expect(take(1, { temporalId: 1, isLayerSync: true })).toBeUndefined();
  });

  it('filters late packets by the layers of their time', () => {
    take(0, KEYFRAME);
    layers.want({ ...ALL_LAYERS, temporalId: 0 });
    number = 2;
    expect(take(2)).toBe(2);
    expect(takeAt(1, 1, { temporalId: 1 })).toBe(1);
    expect(take(3, { temporalId: 1 })).toBeUndefined();
    layers.want(ALL_LAYERS);
    expect(take(4, { temporalId: 1, isLayerSync: true })).toBe(3);
    expect(takeAt(3, 3, { temporalId: 1 })).toBeUndefined();
  });

  it('still recognizes late packets when timestamps have wrapped', () => {
    layers.want({ ...ALL_LAYERS, temporalId: 0 });
    take(0, KEYFRAME);
    const lastPicture = 2 ** 32 / FRAME_TICKS;
    for (let picture = 0; picture < lastPicture; picture += 20_000) {
      expect(take(picture)).toBeTypeOf('number');
      expect(take(picture + 1, { temporalId: 1 })).toBeUndefined();
    }
  });

  it('marks the end of a picture in the highest spatial layer that is sent', () => {
    layers.want({ ...ALL_LAYERS, spatialId: 1 });
    take(0, { ...KEYFRAME, endsFrame: true });
    expect(layers.marker).toBe(false);
    take(0, { spatialId: 1 });
    expect(layers.marker).toBe(false);
    take(0, { spatialId: 1, endsFrame: true });
    expect(layers.marker).toBe(true);
    expect(take(0, { spatialId: 2, endsFrame: true }, true)).toBeUndefined();
    take(1, { endsFrame: true }, true);
    expect(layers.marker).toBe(true);
  });

  it('adds spatial layers only with key frames', () => {
    layers.want({ ...ALL_LAYERS, spatialId: 0 });
    take(0, KEYFRAME);
    expect(take(0, { spatialId: 1 })).toBeUndefined();
    layers.want({ ...ALL_LAYERS, spatialId: 1 });
    expect(layers.needsKeyframe).toBe(true);
    take(1);
    expect(take(1, { spatialId: 1 })).toBeUndefined();
    take(2, KEYFRAME);
    expect(take(2, { spatialId: 1 })).toBe(3);
    expect(layers.needsKeyframe).toBe(false);
  });
});
