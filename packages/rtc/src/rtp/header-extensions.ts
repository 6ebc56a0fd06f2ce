import { csrcEnd, EXTENSION_BIT, EXTENSION_HEADER_SIZE, hasExtension, RTP_HEADER_SIZE } from './header.ts';

/** 'defined by profile' of a block of elements with one-byte headers (RFC 8285 section 4.2). */
const ONE_BYTE_PROFILE = 0xbede;
/** The same for two-byte headers; the last four bits are the application's (RFC 8285 section 4.3). */
const TWO_BYTE_PROFILE = 0x1000;
const TWO_BYTE_PROFILE_MASK = 0xfff0;

const PADDING_ID = 0;
/** In one-byte form, an id that ends the block. */
const RESERVED_ID = 15;

// One-byte form:                       Two-byte form:
//  0 1 2 3 4 5 6 7                      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
// +-+-+-+-+-+-+-+-+--------------       +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+--------------
// |  ID   | len-1 | data ...            |      ID       |    length     | data ...
// +-+-+-+-+-+-+-+-+--------------       +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+--------------

/**
 * Where the data of the header extension element `id` begins, -1 if the packet has none; its length is what
 * `headerExtensionLength` says. Only for packets that `rtpHeaderLength` accepted.
 */
export function findHeaderExtension(packet: Buffer, id: number): number {
  if (!hasExtension(packet)) return -1;
  const block = csrcEnd(packet);
  const start = block + EXTENSION_HEADER_SIZE;
  const end = start + packet.readUInt16BE(block + 2) * 4;
  const profile = packet.readUInt16BE(block);
  if (profile === ONE_BYTE_PROFILE) return findOneByte(packet, start, end, id);
  return (profile & TWO_BYTE_PROFILE_MASK) === TWO_BYTE_PROFILE ? findTwoByte(packet, start, end, id) : -1;
}

/** Length in bytes of the element whose data `findHeaderExtension` found at `offset`. In two-byte form it may be 0. */
export function headerExtensionLength(packet: Buffer, offset: number): number {
  const lengthByte = packet[offset - 1];
  return packet.readUInt16BE(csrcEnd(packet)) === ONE_BYTE_PROFILE ? (lengthByte & 0x0f) + 1 : lengthByte;
}

function findOneByte(packet: Buffer, start: number, end: number, id: number): number {
  let offset = start;
  while (offset < end) {
    const header = packet[offset++];
    if (header === PADDING_ID) continue;
    const elementId = header >> 4;
    // An id of 0 with a length is not padding but an error, and ends the block as 15 does.
    if (elementId === PADDING_ID || elementId === RESERVED_ID) return -1;
    const length = (header & 0x0f) + 1;
    if (length > end - offset) return -1;
    if (elementId === id) return offset;
    offset += length;
  }
  return -1;
}

function findTwoByte(packet: Buffer, start: number, end: number, id: number): number {
  let offset = start;
  while (offset < end) {
    const elementId = packet[offset++];
    if (elementId === PADDING_ID) continue;
    if (offset === end) return -1;
    const length = packet[offset++];
    if (length > end - offset) return -1;
    if (elementId === id) return offset;
    offset += length;
  }
  return -1;
}

/** Ids that fit the one-byte form. Ours always do: the form with longer ids is read, never written. */
export const MAX_ONE_BYTE_ID = 14;
/** Data bytes of an element in one-byte form, at most. */
export const MAX_ONE_BYTE_LENGTH = 16;

/**
 * Writes one header's extension block after the other, without making objects: `begin`, the elements, `end`. A block
 * without elements is left out. Ids are 1 to 14, data is 1 to 16 bytes; that is checked when an SDP is accepted, not here.
 */
export class HeaderExtensionWriter {
  #out: Buffer = Buffer.alloc(0);
  #header = 0;
  #offset = 0;

  /** For the header that `writeRtpHeader` wrote at `header`. */
  begin(out: Buffer, header: number): void {
    this.#out = out;
    this.#header = header;
    this.#offset = header + RTP_HEADER_SIZE + EXTENSION_HEADER_SIZE;
  }

  writeUInt8(id: number, value: number): void {
    this.#out[this.#offset] = id << 4;
    this.#out[this.#offset + 1] = value;
    this.#offset += 2;
  }

  writeUInt16(id: number, value: number): void {
    this.#out[this.#offset] = (id << 4) | 1;
    this.#out.writeUInt16BE(value, this.#offset + 1);
    this.#offset += 3;
  }

  writeBytes(id: number, data: Uint8Array): void {
    this.#out[this.#offset] = (id << 4) | (data.length - 1);
    this.#out.set(data, this.#offset + 1);
    this.#offset += 1 + data.length;
  }

  /** Completes the block and the header, and returns where the header ends. */
  end(): number {
    const block = this.#header + RTP_HEADER_SIZE;
    const start = block + EXTENSION_HEADER_SIZE;
    if (this.#offset === start) return block;
    while ((this.#offset - start) % 4 !== 0) this.#out[this.#offset++] = PADDING_ID;
    this.#out.writeUInt16BE(ONE_BYTE_PROFILE, block);
    this.#out.writeUInt16BE((this.#offset - start) / 4, block + 2);
    this.#out[this.#header] |= EXTENSION_BIT;
    return this.#offset;
  }
}
