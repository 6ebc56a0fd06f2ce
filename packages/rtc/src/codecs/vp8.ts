import { byteAt, clearPayloadDescriptor, type PayloadDescriptor, type ReadPayload } from './payload-descriptor.ts';

//       0 1 2 3 4 5 6 7
//      +-+-+-+-+-+-+-+-+
//      |X|R|N|S|R| PID | (REQUIRED)
//      +-+-+-+-+-+-+-+-+
// X:   |I|L|T|K| RSV   | (OPTIONAL)
//      +-+-+-+-+-+-+-+-+
// I:   |M| PictureID   | (OPTIONAL)
//      +-+-+-+-+-+-+-+-+
//      |   PictureID   | (OPTIONAL, where M is set)
//      +-+-+-+-+-+-+-+-+
// L:   |   TL0PICIDX   | (OPTIONAL)
//      +-+-+-+-+-+-+-+-+
// T/K: |TID|Y| KEYIDX  | (OPTIONAL)
//      +-+-+-+-+-+-+-+-+

const X_BIT = 0x80;
const S_BIT = 0x10;
const PARTITION_MASK = 0x07;
const I_BIT = 0x80;
const L_BIT = 0x40;
const T_BIT = 0x20;
const T_AND_K_BITS = 0x30;
const M_BIT = 0x80;
const Y_BIT = 0x20;
/** In the first byte of the payload header (RFC 7741 section 4.3): clear in a key frame. */
const P_BIT = 0x01;

/** Reads the VP8 payload descriptor (RFC 7741 section 4.2). A payload that ends with it is malformed. */
export const readVp8: ReadPayload = (packet, start, end, into) => {
  clearPayloadDescriptor(into);
  let at = start + 1;
  const first = byteAt(packet, start, end);
  if ((first & X_BIT) !== 0) {
    const extension = byteAt(packet, at++, end);
    if ((extension & I_BIT) !== 0) at = readPictureId(packet, at, end, into);
    if ((extension & L_BIT) !== 0) into.temporalLevel0Index = byteAt(packet, at++, end);
    if ((extension & T_AND_K_BITS) !== 0) {
      const layer = byteAt(packet, at++, end);
      // With K alone, TID and Y are present and have no meaning.
      if ((extension & T_BIT) !== 0) {
        into.temporalId = layer >> 6;
        into.isLayerSync = (layer & Y_BIT) !== 0;
      }
    }
  }
  into.length = at - start;
  const startsFrame = (first & S_BIT) !== 0 && (first & PARTITION_MASK) === 0;
  into.startsKeyframe = startsFrame && (byteAt(packet, at, end) & P_BIT) === 0;
  return at < end;
};

/** Writes a copy of the descriptor at `start` of `packet` with other numbers to `out`, and returns where it ends. */
export function writeVp8Descriptor(
  out: Buffer,
  offset: number,
  packet: Buffer,
  start: number,
  descriptor: PayloadDescriptor,
  pictureId: number,
  temporalLevel0Index: number,
): number {
  for (let byte = 0; byte < descriptor.length; byte++) out[offset + byte] = packet[start + byte] ?? 0;
  let at = offset + 2;
  if (descriptor.pictureIdBits === 15) {
    out.writeUInt16BE((M_BIT << 8) | pictureId, at);
    at += 2;
  } else if (descriptor.pictureIdBits === 7) out[at++] = pictureId;
  if (descriptor.temporalLevel0Index >= 0) out[at] = temporalLevel0Index;
  return offset + descriptor.length;
}

function readPictureId(packet: Buffer, at: number, end: number, into: PayloadDescriptor): number {
  const high = byteAt(packet, at, end);
  if ((high & M_BIT) === 0) {
    into.pictureId = high;
    into.pictureIdBits = 7;
    return at + 1;
  }
  into.pictureId = ((high & ~M_BIT) << 8) | byteAt(packet, at + 1, end);
  into.pictureIdBits = 15;
  return at + 2;
}
