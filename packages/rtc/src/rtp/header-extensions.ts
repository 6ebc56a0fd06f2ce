import { csrcEnd, EXTENSION_BIT, EXTENSION_HEADER_SIZE, hasExtension, RTP_HEADER_SIZE, writeUint16 } from './header.ts';

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
 * Offset of the data of the header extension element `id` in the header at `header`, -1 if there is none; its length is what
 * `headerExtensionLength` says. Only for packets that `rtpHeaderLength` accepted.
 */
export function findHeaderExtension(packet: Buffer, id: number, header = 0): number {
  if (!hasExtension(packet, header)) return -1;
  const block = csrcEnd(packet, header);
  const start = block + EXTENSION_HEADER_SIZE;
  const end = start + packet.readUInt16BE(block + 2) * 4;
  const profile = packet.readUInt16BE(block);
  if (profile === ONE_BYTE_PROFILE) return findOneByte(packet, start, end, id);
  return (profile & TWO_BYTE_PROFILE_MASK) === TWO_BYTE_PROFILE ? findTwoByte(packet, start, end, id) : -1;
}

/** Length in bytes of the element whose data `findHeaderExtension` found at `offset`. In two-byte form it may be 0. */
export function headerExtensionLength(packet: Buffer, offset: number, header = 0): number {
  const lengthByte = packet[offset - 1]!;
  return packet.readUInt16BE(csrcEnd(packet, header)) === ONE_BYTE_PROFILE ? (lengthByte & 0x0f) + 1 : lengthByte;
}

function findOneByte(packet: Buffer, start: number, end: number, id: number): number {
  let offset = start;
  while (offset < end) {
    const header = packet[offset++]!;
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
    const length = packet[offset++]!;
    if (length > end - offset) return -1;
    if (elementId === id) return offset;
    offset += length;
  }
  return -1;
}

/** Ids that fit the one-byte form. */
export const MAX_ONE_BYTE_ID = 14;
/** Data bytes of an element in one-byte form, at most. */
export const MAX_ONE_BYTE_LENGTH = 16;
/** The same of the two-byte form, whose elements may also be empty. */
export const MAX_TWO_BYTE_ID = 255;
export const MAX_TWO_BYTE_LENGTH = 255;

/**
 * Writes one header's extension block after the other, without making objects: `begin`, the elements, `end`. A block without elements is
 * left out. A block is in one-byte form until an element does not fit that: then it continues in two-byte form, which a receiver takes
 * beside the other one only if it sent `a=extmap-allow-mixed` (RFC 8285 section 4.1.2). Throws `RangeError` for an element that fits
 * neither form or the room behind the header.
 */
export class HeaderExtensionWriter {
  #out: Buffer = Buffer.alloc(0);
  #header = 0;
  #offset = 0;
  #isTwoByte = false;

  /** For the header that `writeRtpHeader` wrote at `header`. */
  begin(out: Buffer, header: number): void {
    this.#out = out;
    this.#header = header;
    this.#offset = this.#start;
    this.#isTwoByte = false;
  }

  writeUInt8(id: number, value: number): void {
    this.#beginElement(id, 1);
    this.#out[this.#offset++] = value;
  }

  writeUInt16(id: number, value: number): void {
    this.#beginElement(id, 2);
    this.#offset = this.#out.writeUInt16BE(value, this.#offset);
  }

  /** Writes the first `length` bytes of `data`. */
  writeBytes(id: number, data: Uint8Array, length = data.length): void {
    this.#writeFrom(id, data, 0, length);
  }

  /** Writes the element `id` of the header at `header` of another packet, if that has one. */
  copy(id: number, packet: Buffer, header = 0): void {
    const at = findHeaderExtension(packet, id, header);
    if (at >= 0) this.#writeFrom(id, packet, at, headerExtensionLength(packet, at, header));
  }

  /** Completes the block and the header, and returns where the header ends. */
  end(): number {
    const start = this.#start;
    const block = start - EXTENSION_HEADER_SIZE;
    if (this.#offset === start) return block;
    const padding = -(this.#offset - start) & 3;
    this.#checkRoom(padding);
    // Up to three bytes in each header of each receiver: `fill` costs more than the rest of it.
    for (let byte = 0; byte < padding; byte++) this.#out[this.#offset++] = PADDING_ID;
    writeUint16(this.#out, block, this.#isTwoByte ? TWO_BYTE_PROFILE : ONE_BYTE_PROFILE);
    writeUint16(this.#out, block + 2, (this.#offset - start) / 4);
    this.#out[this.#header]! |= EXTENSION_BIT;
    return this.#offset;
  }

  get #start(): number {
    return this.#header + RTP_HEADER_SIZE + EXTENSION_HEADER_SIZE;
  }

  #writeFrom(id: number, data: Uint8Array, start: number, length: number): void {
    this.#beginElement(id, length);
    this.#checkRoom(length);
    for (let byte = 0; byte < length; byte++) this.#out[this.#offset++] = data[start + byte]!;
  }

  #beginElement(id: number, length: number): void {
    if (!(id >= 1 && id <= MAX_TWO_BYTE_ID && length <= MAX_TWO_BYTE_LENGTH)) {
      throw new RangeError(`header extension ${id} of ${length} bytes: ids are 1 to 255, lengths 0 to 255`);
    }
    if (id > MAX_ONE_BYTE_ID || length > MAX_ONE_BYTE_LENGTH || length === 0) this.#widen();
    if (!this.#isTwoByte) {
      this.#checkRoom(1 + length);
      this.#out[this.#offset++] = (id << 4) | (length - 1);
      return;
    }
    this.#checkRoom(2 + length);
    this.#out[this.#offset++] = id;
    this.#out[this.#offset++] = length;
  }

  /** Turns what is written so far into two-byte form: each element grows by one byte. */
  #widen(): void {
    if (this.#isTwoByte) return;
    this.#isTwoByte = true;
    for (let at = this.#start; at < this.#offset; ) {
      const header = this.#out[at]!;
      const length = (header & 0x0f) + 1;
      this.#checkRoom(1);
      this.#out.copyWithin(at + 2, at + 1, this.#offset);
      this.#offset += 1;
      this.#out[at] = header >> 4;
      this.#out[at + 1] = length;
      at += 2 + length;
    }
  }

  #checkRoom(length: number): void {
    if (this.#offset + length <= this.#out.length) return;
    throw new RangeError(`no room for ${length} more bytes of header extensions at ${this.#offset}`);
  }
}
