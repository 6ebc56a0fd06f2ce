import { byteAt, clearPayloadDescriptor, type ReadPayload } from './payload-descriptor.ts';

//  NAL unit header:   FU header, behind it in FU-A:
//  0 1 2 3 4 5 6 7    0 1 2 3 4 5 6 7
// +-+-+-+-+-+-+-+-+  +-+-+-+-+-+-+-+-+
// |F|NRI|  Type   |  |S|E|R|  Type   |
// +-+-+-+-+-+-+-+-+  +-+-+-+-+-+-+-+-+

const TYPE_MASK = 0x1f;
const S_BIT = 0x80;
const IDR = 5;
const SPS = 7;
const STAP_A = 24;
const FU_A = 28;
/** A slice header begins with first_mb_in_slice, as ue(v): the first bit is set for 0, in the first slice of a picture alone. */
const FIRST_SLICE_BIT = 0x80;

/** Reads H.264 (RFC 6184). A key frame begins with the parameter sets in front of an IDR picture, or with its first slice. */
export const readH264: ReadPayload = (packet, start, end, into) => {
  clearPayloadDescriptor(into);
  if (start >= end) return false;
  const type = byteAt(packet, start, end) & TYPE_MASK;
  into.startsKeyframe =
    type === STAP_A
      ? aggregatesKeyframe(packet, start + 1, end)
      : type === FU_A
        ? (byteAt(packet, start + 1, end) & S_BIT) !== 0 && startsPicture(packet, start + 1, end)
        : startsPicture(packet, start, end);
  return type !== FU_A || start + 2 < end;
};

/** For a NAL unit whose type is in the byte at `header`. */
function startsPicture(packet: Buffer, header: number, end: number): boolean {
  const type = byteAt(packet, header, end) & TYPE_MASK;
  return type === SPS || (type === IDR && (byteAt(packet, header + 1, end) & FIRST_SLICE_BIT) !== 0);
}

/** STAP-A: NAL units, each behind its size in two bytes (RFC 6184 section 5.7.1). */
function aggregatesKeyframe(packet: Buffer, start: number, end: number): boolean {
  for (let at = start; at + 2 < end; ) {
    const size = packet.readUInt16BE(at);
    at += 2;
    if (startsPicture(packet, at, Math.min(end, at + size))) return true;
    at += size;
  }
  return false;
}
