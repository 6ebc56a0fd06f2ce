import { rtpHeaderLength as headerLengthOf } from '@rtcd/packet-io';

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |V=2|P|X|  CC   |M|     PT      |       sequence number         |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                           timestamp                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |           synchronization source (SSRC) identifier            |
// +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
// |            contributing source (CSRC) identifiers             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  extension: defined by profile |   length in words, then data |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/** The part that every packet has (RFC 3550 section 5.1). */
export const RTP_HEADER_SIZE = 12;
export const EXTENSION_HEADER_SIZE = 4;

const MARKER_AND_PAYLOAD_TYPE_OFFSET = 1;
const SEQUENCE_NUMBER_OFFSET = 2;
const TIMESTAMP_OFFSET = 4;
const SSRC_OFFSET = 8;

const VERSION_2 = 0x80;
export const PADDING_BIT = 0x20;
export const EXTENSION_BIT = 0x10;
const CSRC_COUNT_MASK = 0x0f;
const MARKER_BIT = 0x80;
const PAYLOAD_TYPE_MASK = 0x7f;

/**
 * Length of the header of a decrypted RTP packet, which is where its payload begins; -1 if the packet is none. The other
 * functions of this file may only be used on packets for which it is not -1: CSRCs, extension and padding are then inside.
 */
export function rtpHeaderLength(packet: Buffer): number {
  const length = headerLengthOf(packet, packet.length);
  if (length < 0 || (packet[0]! & PADDING_BIT) === 0) return length;
  const padding = packet[packet.length - 1]!;
  return padding > 0 && padding <= packet.length - length ? length : -1;
}

/** Offset of the extension block, if there is one, of the header at `header`. */
export function csrcEnd(packet: Buffer, header = 0): number {
  return header + RTP_HEADER_SIZE + (packet[header]! & CSRC_COUNT_MASK) * 4;
}

export function hasExtension(packet: Buffer, header = 0): boolean {
  return (packet[header]! & EXTENSION_BIT) !== 0;
}

/** Bytes at the packet's end that are not payload, the one with their count included. */
export function paddingLengthOf(packet: Buffer): number {
  return (packet[0]! & PADDING_BIT) === 0 ? 0 : packet[packet.length - 1]!;
}

export function markerOf(packet: Buffer, header = 0): boolean {
  return (packet[header + MARKER_AND_PAYLOAD_TYPE_OFFSET]! & MARKER_BIT) !== 0;
}

export function payloadTypeOf(packet: Buffer, header = 0): number {
  return packet[header + MARKER_AND_PAYLOAD_TYPE_OFFSET]! & PAYLOAD_TYPE_MASK;
}

export function sequenceNumberOf(packet: Buffer): number {
  return packet.readUInt16BE(SEQUENCE_NUMBER_OFFSET);
}

export function timestampOf(packet: Buffer, header = 0): number {
  return packet.readUInt32BE(header + TIMESTAMP_OFFSET);
}

export function ssrcOf(packet: Buffer): number {
  return packet.readUInt32BE(SSRC_OFFSET);
}

/** Fields that differ between the headers that we write. Meant to be one mutable object per outgoing stream, not one per packet. */
export interface RtpHeaderFields {
  marker: boolean;
  payloadType: number;
  sequenceNumber: number;
  timestamp: number;
  ssrc: number;
}

/**
 * Writes the fixed header at `offset` and returns its end. No CSRCs, no padding (forwarding a payload leaves its
 * padding off), and no extension yet: see `HeaderExtensionWriter`.
 */
export function writeRtpHeader(out: Buffer, offset: number, fields: RtpHeaderFields): number {
  out[offset] = VERSION_2;
  out[offset + MARKER_AND_PAYLOAD_TYPE_OFFSET] = (fields.marker ? MARKER_BIT : 0) | fields.payloadType;
  writeUint16(out, offset + SEQUENCE_NUMBER_OFFSET, fields.sequenceNumber);
  writeUint32(out, offset + TIMESTAMP_OFFSET, fields.timestamp);
  writeUint32(out, offset + SSRC_OFFSET, fields.ssrc);
  return offset + RTP_HEADER_SIZE;
}

// For each receiver of each packet: Buffer's own methods cost more, as they check what is right here.

/** Writes 16 bits in network byte order. */
export function writeUint16(out: Buffer, offset: number, value: number): void {
  out[offset] = value >>> 8;
  out[offset + 1] = value;
}

function writeUint32(out: Buffer, offset: number, value: number): void {
  writeUint16(out, offset, value >>> 16);
  writeUint16(out, offset + 2, value);
}
