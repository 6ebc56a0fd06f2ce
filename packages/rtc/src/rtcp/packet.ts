//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |V=2|P| RC/FMT  |      PT       |     length in words - 1       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

export const RTCP_HEADER_SIZE = 4;
const TYPE_OFFSET = 1;
const LENGTH_OFFSET = 2;

const VERSION_2 = 0x80;
const VERSION_MASK = 0xc0;
const PADDING_BIT = 0x20;
const COUNT_MASK = 0x1f;

/** Upper bound of a 5-bit count: report blocks, chunks or sources of one packet. */
export const MAX_COUNT = 31;

export const RtcpType = {
  senderReport: 200,
  receiverReport: 201,
  sourceDescription: 202,
  goodbye: 203,
  transportFeedback: 205,
  payloadFeedback: 206,
} as const;

/** Feedback message types of `RtcpType.transportFeedback` (RFC 4585 section 6.2). */
export const TransportFeedbackFormat = { nack: 1, transportCc: 15 } as const;
/** Feedback message types of `RtcpType.payloadFeedback` (RFC 4585 section 6.3, RFC 5104 section 4.3). */
export const PayloadFeedbackFormat = { pictureLoss: 1, fullIntraRequest: 4, application: 15 } as const;

/** Feedback packets begin with the SSRCs of their sender and of the source that they are about (RFC 4585 section 6.1). */
export const SENDER_SSRC_OFFSET = 4;
export const MEDIA_SSRC_OFFSET = 8;
/** Feedback control information. */
export const FCI_OFFSET = 12;

/** Report count, source count or feedback message type. */
export function countOf(packet: Buffer): number {
  return packet[0]! & COUNT_MASK;
}

export function typeOf(packet: Buffer): number {
  return packet[TYPE_OFFSET]!;
}

/**
 * Size of the RTCP packet at `offset` of a compound packet, padding included; -1 if there is no whole one. Each may be the
 * last, and none has to be a report first: RFC 5506 allows feedback to travel alone.
 */
export function sizeAt(compound: Buffer, offset: number): number {
  const left = compound.length - offset;
  if (left < RTCP_HEADER_SIZE || (compound[offset]! & VERSION_MASK) !== VERSION_2) return -1;
  const size = (compound.readUInt16BE(offset + LENGTH_OFFSET) + 1) * 4;
  return size > left || paddingAt(compound, offset, size) < 0 ? -1 : size;
}

/** The packet of `size` bytes at `offset` without its padding. */
export function packetAt(compound: Buffer, offset: number, size: number): Buffer {
  return compound.subarray(offset, offset + size - paddingAt(compound, offset, size));
}

/** RFC 3550 has padding on the last packet only, in whole words. Transport-cc feedback has its own, from 1 byte, wherever it stands. */
function paddingAt(compound: Buffer, offset: number, size: number): number {
  if ((compound[offset]! & PADDING_BIT) === 0) return 0;
  const padding = compound[offset + size - 1]!;
  return padding === 0 || padding > size - RTCP_HEADER_SIZE ? -1 : padding;
}

/**
 * Completes the packet whose body ends at `end`: writes its header at `offset`, and padding if the body does not end with
 * a whole word. Returns the packet's end.
 */
export function writeRtcpHeader(out: Buffer, offset: number, end: number, type: number, count: number): number {
  const padding = (offset - end) & 3;
  if (padding > 0) {
    out.fill(0, end, end + padding);
    out.writeUInt8(padding, end + padding - 1);
  }
  out[offset] = VERSION_2 | (padding > 0 ? PADDING_BIT : 0) | count;
  out[offset + TYPE_OFFSET] = type;
  out.writeUInt16BE((end + padding - offset) / 4 - 1, offset + LENGTH_OFFSET);
  return end + padding;
}
