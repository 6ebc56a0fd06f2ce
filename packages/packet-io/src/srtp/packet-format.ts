/** The fixed RTP header (RFC 3550 section 5.1), and the part of an RTCP packet that SRTCP leaves readable (RFC 3711 section 3.4). */
export const RTP_HEADER_BYTES = 12;
export const RTCP_HEADER_BYTES = 8;

const SEQUENCE_OFFSET = 2;
const RTP_SSRC_OFFSET = 8;
const RTCP_SSRC_OFFSET = 4;

/** The word behind an SRTCP packet: one bit that marks it as encrypted, and a 31-bit index (RFC 3711 section 3.4). */
export const SRTCP_INDEX_BYTES = 4;
export const SRTCP_ENCRYPTED_FLAG = 0x80000000;
export const MAX_SRTCP_INDEX = 0x7fffffff;

/** Values of a sequence number, after which the rollover counter goes up by one (RFC 3711 section 3.3.1). */
export const SEQUENCE_NUMBERS = 0x1_0000;

export function readUint32(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0;
}

export function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

export function rtpSequenceNumber(bytes: Uint8Array, packetOffset = 0): number {
  const offset = packetOffset + SEQUENCE_OFFSET;
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}

export function rtpSsrc(bytes: Uint8Array, packetOffset = 0): number {
  return readUint32(bytes, packetOffset + RTP_SSRC_OFFSET);
}

export function rtcpSsrc(packet: Uint8Array): number {
  return readUint32(packet, RTCP_SSRC_OFFSET);
}

export function hasVersion2(packet: Uint8Array): boolean {
  return packet[0]! >>> 6 === 2;
}

//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
//     |                           timestamp                           |
//     |                             SSRC                              |
//     |                   CSRC, as many words as CC                   |
//     |      defined by profile       |   length of extension, words  |  if X

/**
 * Length of the header of an RTP packet that ends at `end`: the payload begins there, and so does encryption. -1 if it is no RTP, or ends sooner.
 */
export function rtpHeaderLength(packet: Uint8Array, end: number): number {
  if (end < RTP_HEADER_BYTES || !hasVersion2(packet)) return -1;
  let length = RTP_HEADER_BYTES + 4 * (packet[0]! & 0x0f);
  if ((packet[0]! & 0x10) !== 0) {
    if (length + 4 > end) return -1;
    length += 4 + 4 * ((packet[length + 2]! << 8) | packet[length + 3]!);
  }
  return length > end ? -1 : length;
}
