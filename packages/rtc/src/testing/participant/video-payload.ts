import type { VideoCodecName } from '../../peer/participant-sdp.ts';
import type { TemporalPosition } from './temporal-layers.ts';

/** In front of each payload: what says whether it begins a frame, and a key frame, as the payload format of the codec has it. */
const PREFIX_BYTES = 5;
/** The same of VP8 with temporal layers. */
const LAYERED_PREFIX_BYTES = 7;
/** L and T of VP8's payload descriptor (RFC 7741 section 4.2): TL0PICIDX and TID follow the picture id. */
const VP8_LAYER_BITS = 0x60;
const VP8_LEVEL0_OFFSET = 4;
const VP8_TID_OFFSET = 5;
export const PICTURE_IDS = 0x8000;

const MAGIC = 0x76696421; // 'vid!': marks a payload as a participant's
/** Behind the prefix. */
const FRAME_BYTES = 4 + 4 + 4 + 2 + 2 + 1;

/** Fields of a synthetic packet of video. */
export interface VideoPayload {
  /** Picture id, in VP8 and VP9. */
  readonly pictureId: number;
  /** SSRC under which it was sent in the first place. */
  readonly source: number;
  /** Counts the frames of that source. */
  readonly frame: number;
  /** Position of the packet in its frame. */
  readonly position: number;
  /** Packets of the frame. */
  readonly packets: number;
  readonly isKeyframe: boolean;
  /** Temporal layer, in VP8. Undefined without layers. */
  readonly temporal?: Omit<TemporalPosition, 'template'> | undefined;
}

/** Writes a payload of `length` bytes at `offset`: a real descriptor, a mark, the content, and a pattern. */
export function writeVideoPayload(
  codec: VideoCodecName,
  out: Buffer,
  offset: number,
  length: number,
  payload: VideoPayload,
): void {
  const { source, frame, position, packets, isKeyframe } = payload;
  const prefix = PREFIXES[codec](payload);
  out.set(prefix, offset);
  let at = offset + prefix.length;
  at = out.writeUInt32BE(MAGIC, at);
  at = out.writeUInt32BE(source, at);
  at = out.writeUInt32BE(frame, at);
  at = out.writeUInt16BE(position, at);
  at = out.writeUInt16BE(packets, at);
  at = out.writeUInt8(isKeyframe ? 1 : 0, at);
  for (; at < offset + length; at++) out[at] = patternAt(at - offset, frame, position);
}

/** Undefined for a payload that is not one of a participant's in this codec, whole. */
export function readVideoPayload(codec: VideoCodecName, payload: Buffer): VideoPayload | undefined {
  const isLayered = codec === 'VP8' && (payload[1]! & VP8_LAYER_BITS) !== 0;
  const start = isLayered ? LAYERED_PREFIX_BYTES : PREFIX_BYTES;
  if (payload.length < start + FRAME_BYTES || payload.readUInt32BE(start) !== MAGIC) return undefined;
  const read: VideoPayload = {
    pictureId: payload.readUInt16BE(codec === 'VP8' ? 2 : 1) & (PICTURE_IDS - 1),
    source: payload.readUInt32BE(start + 4),
    frame: payload.readUInt32BE(start + 8),
    position: payload.readUInt16BE(start + 12),
    packets: payload.readUInt16BE(start + 14),
    isKeyframe: payload[start + 16] === 1,
    ...(isLayered && { temporal: readTemporalPosition(payload) }),
  };
  if (PREFIXES[codec](read).some((byte, at) => payload[at] !== byte)) return undefined;
  for (let at = start + FRAME_BYTES; at < payload.length; at++) {
    if (payload[at] !== patternAt(at, read.frame, read.position)) return undefined;
  }
  return read;
}

const PREFIXES: Readonly<Record<VideoCodecName, (payload: VideoPayload) => readonly number[]>> = {
  // RFC 7741 section 4.2: X and S, then I, a picture id of 15 bits, and the first byte of the payload header, as Chromium writes it.
  VP8: ({ position, pictureId, isKeyframe, temporal }) => [
    0x80 | (position === 0 ? 0x10 : 0),
    0x80 | (temporal ? VP8_LAYER_BITS : 0),
    0x80 | (pictureId >> 8),
    pictureId & 0xff,
    ...(temporal ? [temporal.level0Index, (temporal.temporalId << 6) | (temporal.isLayerSync ? 0x20 : 0)] : []),
    isKeyframe ? 0 : 1,
  ],
  // RFC 9628 section 4.2: I, P, B and E, and a picture id of 15 bits.
  VP9: ({ position, packets, pictureId, isKeyframe }) => [
    0x80 | (isKeyframe ? 0 : 0x40) | (position === 0 ? 0x08 : 0) | (position === packets - 1 ? 0x04 : 0),
    0x80 | (pictureId >> 8),
    pictureId & 0xff,
    0,
    0,
  ],
  // AV1 RTP specification, section 4.4: Z, Y, one OBU element, and N; then an OBU header without a size.
  AV1: ({ position, packets, isKeyframe }) => [
    (position === 0 ? 0 : 0x80) |
      (position === packets - 1 ? 0 : 0x40) |
      0x10 |
      (isKeyframe && position === 0 ? 0x08 : 0),
    0x30,
    0,
    0,
    0,
  ],
  // RFC 6184 section 5.6: single NAL units, each a slice, of which the first one begins with macroblock 0.
  H264: ({ position, isKeyframe }) => [isKeyframe ? 0x65 : 0x41, position === 0 ? 0x88 : 0x40, 0, 0, 0],
};

const readTemporalPosition = (payload: Buffer): NonNullable<VideoPayload['temporal']> => ({
  level0Index: payload[VP8_LEVEL0_OFFSET]!,
  temporalId: payload[VP8_TID_OFFSET]! >> 6,
  isLayerSync: (payload[VP8_TID_OFFSET]! & 0x20) !== 0,
});

const patternAt = (at: number, frame: number, position: number): number => (at * 31 + frame * 7 + position) & 0xff;
