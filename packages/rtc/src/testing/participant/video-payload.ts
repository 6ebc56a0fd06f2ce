/** VP8 payload descriptor with a picture id of 15 bits (RFC 7741 section 4.2), as Chromium writes it without temporal layers. */
const DESCRIPTOR_BYTES = 4;
const X_BIT = 0x80;
const S_BIT = 0x10;
const I_BIT = 0x80;
const M_BIT = 0x80;
export const PICTURE_IDS = 0x8000;

const MAGIC = 0x76703821; // 'vp8!': marks a payload as a participant's
const FRAME_BYTES = 1 + 4 + 4 + 4 + 2 + 2 + 1;

/** Fields of a synthetic VP8 packet. */
export interface VideoPayload {
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
}

/** Writes a payload of `length` bytes at `offset`: a real descriptor, a mark, what is said, and a pattern. */
export function writeVideoPayload(out: Buffer, offset: number, length: number, payload: VideoPayload): void {
  const { pictureId, source, frame, position, packets, isKeyframe } = payload;
  out[offset] = X_BIT | (position === 0 ? S_BIT : 0);
  out[offset + 1] = I_BIT;
  out.writeUInt16BE((M_BIT << 8) | pictureId, offset + 2);
  let at = offset + DESCRIPTOR_BYTES;
  // In the first packet, the bit that tells key frames apart (RFC 7741 section 4.3).
  out[at++] = isKeyframe ? 0 : 1;
  at = out.writeUInt32BE(MAGIC, at);
  at = out.writeUInt32BE(source, at);
  at = out.writeUInt32BE(frame, at);
  at = out.writeUInt16BE(position, at);
  at = out.writeUInt16BE(packets, at);
  at = out.writeUInt8(isKeyframe ? 1 : 0, at);
  for (; at < offset + length; at++) out[at] = patternAt(at - offset, frame, position);
}

/** Undefined for a payload that is not one of a participant's, whole. */
export function readVideoPayload(payload: Buffer): VideoPayload | undefined {
  const start = DESCRIPTOR_BYTES + 1;
  if (payload.length < DESCRIPTOR_BYTES + FRAME_BYTES || payload.readUInt32BE(start) !== MAGIC) return undefined;
  const read: VideoPayload = {
    pictureId: payload.readUInt16BE(2) & (PICTURE_IDS - 1),
    source: payload.readUInt32BE(start + 4),
    frame: payload.readUInt32BE(start + 8),
    position: payload.readUInt16BE(start + 12),
    packets: payload.readUInt16BE(start + 14),
    isKeyframe: payload[start + 16] === 1,
  };
  for (let at = DESCRIPTOR_BYTES + FRAME_BYTES; at < payload.length; at++) {
    if (payload[at] !== patternAt(at, read.frame, read.position)) return undefined;
  }
  return read;
}

const patternAt = (at: number, frame: number, position: number): number => (at * 31 + frame * 7 + position) & 0xff;
