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
const T_AND_K_BITS = 0x30;
const M_BIT = 0x80;
/** In the first byte of the payload header (RFC 7741 section 4.3): clear in a key frame. */
const P_BIT = 0x01;

/** Upper bound on the bytes of a descriptor. */
export const MAX_VP8_DESCRIPTOR_BYTES = 6;

/** VP8 payload descriptor (RFC 7741 section 4.2). One object is read into again for each packet. */
export interface Vp8Descriptor {
  /** Bytes of the descriptor. */
  length: number;
  /** The payload begins a frame, which is a key frame. */
  startsKeyframe: boolean;
  /** -1 if there is none. */
  pictureId: number;
  /** 7 or 15; 0 without a picture id. */
  pictureIdBits: number;
  /** TL0PICIDX, -1 if there is none. */
  temporalLevel0Index: number;
  /** TID, 0 if there is none. */
  temporalId: number;
}

/** Returns a descriptor to read into. */
export const emptyVp8Descriptor = (): Vp8Descriptor => ({
  length: 0,
  startsKeyframe: false,
  pictureId: -1,
  pictureIdBits: 0,
  temporalLevel0Index: -1,
  temporalId: 0,
});

/** Reads the descriptor of the payload from `start` to `end`. Returns false if it is cut short, and nothing follows it. */
export function readVp8Descriptor(packet: Buffer, start: number, end: number, into: Vp8Descriptor): boolean {
  into.pictureId = -1;
  into.pictureIdBits = 0;
  into.temporalLevel0Index = -1;
  into.temporalId = 0;
  let at = start + 1;
  const first = byteAt(packet, start, end);
  if ((first & X_BIT) !== 0) {
    const extension = byteAt(packet, at++, end);
    if ((extension & I_BIT) !== 0) at = readPictureId(packet, at, end, into);
    if ((extension & L_BIT) !== 0) into.temporalLevel0Index = byteAt(packet, at++, end);
    if ((extension & T_AND_K_BITS) !== 0) into.temporalId = byteAt(packet, at++, end) >> 6;
  }
  into.length = at - start;
  const startsFrame = (first & S_BIT) !== 0 && (first & PARTITION_MASK) === 0;
  into.startsKeyframe = startsFrame && at < end && (byteAt(packet, at, end) & P_BIT) === 0;
  return at < end;
}

/** Writes a copy of the descriptor at `start` of `packet` with other numbers to `out`, and returns where it ends. */
export function writeVp8Descriptor(
  out: Buffer,
  offset: number,
  packet: Buffer,
  start: number,
  descriptor: Vp8Descriptor,
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

function readPictureId(packet: Buffer, at: number, end: number, into: Vp8Descriptor): number {
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

/** 0 beyond the end: a descriptor that is cut short reads as one that nothing follows. */
const byteAt = (packet: Buffer, at: number, end: number): number => (at < end ? (packet[at] ?? 0) : 0);
