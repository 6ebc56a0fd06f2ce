import { oggCrc32 } from './crc32.ts';

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | capture_pattern: "OggS"                                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | version       | header_type   | granule_position (8 bytes)    |
// |               |               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                                                               |
// +                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                               | bitstream_serial_number       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                               | page_sequence_number          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                               | CRC_checksum                  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                               | page_segments | segment_table |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | ...                                                           |
// All numbers are little-endian (RFC 3533 section 6).

export const OGG_HEADER_SIZE = 27;
export const OGG_CAPTURE_PATTERN = Buffer.from('OggS');

const VERSION_OFFSET = 4;
const FLAGS_OFFSET = 5;
const GRANULE_OFFSET = 6;
const SERIAL_OFFSET = 14;
const SEQUENCE_OFFSET = 18;
const CRC_OFFSET = 22;
const SEGMENTS_OFFSET = 26;
const MAX_SEGMENTS = 255;
const SEGMENT_BYTES = 255;

export const OggFlag = { continued: 1, first: 2, last: 4 } as const;

/** One page of a logical stream. */
export interface OggPage {
  readonly flags: number;
  /** For Opus, the samples at 48 kHz up to the end of the last packet that ends on the page; -1 if none does. */
  readonly granule: bigint;
  readonly serial: number;
  readonly sequence: number;
  /** Parts of packets. The last one continues on the next page if `isOpen`. */
  readonly packets: readonly Uint8Array[];
  readonly isOpen: boolean;
}

/** Size of the page at the start of the bytes. Undefined if more bytes are needed to tell, -1 if there is none. */
export function oggPageSize(bytes: Buffer): number | undefined {
  if (bytes.length < OGG_HEADER_SIZE) return undefined;
  if (bytes.compare(OGG_CAPTURE_PATTERN, 0, 4, 0, 4) !== 0 || bytes[VERSION_OFFSET] !== 0) return -1;
  const segments = bytes[SEGMENTS_OFFSET]!;
  if (bytes.length < OGG_HEADER_SIZE + segments) return undefined;
  let size = OGG_HEADER_SIZE + segments;
  for (let segment = 0; segment < segments; segment++) size += bytes[OGG_HEADER_SIZE + segment]!;
  return size;
}

/** Reads a page of the size that `oggPageSize` returned. Undefined if its checksum is wrong. */
export function parseOggPage(bytes: Buffer): OggPage | undefined {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(0, CRC_OFFSET);
  if (oggCrc32(copy) !== bytes.readUInt32LE(CRC_OFFSET)) return undefined;
  const segments = bytes[SEGMENTS_OFFSET]!;
  const packets: Uint8Array[] = [];
  let start = OGG_HEADER_SIZE + segments;
  let end = start;
  let isOpen = false;
  for (let segment = 0; segment < segments; segment++) {
    const length = bytes[OGG_HEADER_SIZE + segment]!;
    end += length;
    isOpen = length === SEGMENT_BYTES;
    if (isOpen && segment < segments - 1) continue;
    packets.push(copy.subarray(start, end));
    start = end;
  }
  return {
    flags: bytes[FLAGS_OFFSET]!,
    granule: bytes.readBigInt64LE(GRANULE_OFFSET),
    serial: bytes.readUInt32LE(SERIAL_OFFSET),
    sequence: bytes.readUInt32LE(SEQUENCE_OFFSET),
    packets,
    isOpen,
  };
}

/** Segments that a whole packet takes. */
export const oggSegmentsOf = (packet: Uint8Array): number => Math.floor(packet.length / SEGMENT_BYTES) + 1;

/** Writes a page of whole packets. Throws `RangeError` if they take more than 255 segments. */
export function writeOggPage(page: Omit<OggPage, 'isOpen'>): Buffer {
  const table = page.packets.flatMap((packet) => [
    ...Array.from({ length: oggSegmentsOf(packet) - 1 }, () => SEGMENT_BYTES),
    packet.length % SEGMENT_BYTES,
  ]);
  if (table.length > MAX_SEGMENTS) throw new RangeError(`${table.length} segments: at most ${MAX_SEGMENTS} fit`);
  const header = Buffer.alloc(OGG_HEADER_SIZE);
  OGG_CAPTURE_PATTERN.copy(header);
  header[FLAGS_OFFSET] = page.flags;
  header.writeBigInt64LE(page.granule, GRANULE_OFFSET);
  header.writeUInt32LE(page.serial, SERIAL_OFFSET);
  header.writeUInt32LE(page.sequence, SEQUENCE_OFFSET);
  header[SEGMENTS_OFFSET] = table.length;
  const bytes = Buffer.concat([header, Uint8Array.from(table), ...page.packets]);
  bytes.writeUInt32LE(oggCrc32(bytes), CRC_OFFSET);
  return bytes;
}
