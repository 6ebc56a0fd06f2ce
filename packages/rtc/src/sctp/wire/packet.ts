import { type Chunk, readChunks } from './chunk.ts';
import { crc32c } from './crc32c.ts';

export const COMMON_HEADER_BYTES = 12;
/** No DTLS record carries more (RFC 8446 and RFC 6347: 2^14 bytes). */
export const MAX_PACKET_BYTES = 16_384;

const OFFSET_CHECKSUM = 8;
const ZERO_CHECKSUM = new Uint8Array(4);

export interface Packet {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly verificationTag: number;
  readonly chunks: readonly Chunk[];
}

/*
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |      Source Port Number       |    Destination Port Number    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                       Verification Tag                        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                           Checksum                            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
/** A received packet, its chunks borrowing `bytes`; nothing if it is malformed anywhere or its checksum is wrong. */
export function parsePacket(bytes: Uint8Array): Packet | undefined {
  if (bytes.length <= COMMON_HEADER_BYTES || bytes.length > MAX_PACKET_BYTES) return undefined;
  const packet = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // CRC32c is sent least significant byte first, unlike every other field (appendix A).
  if (packet.readUInt32LE(OFFSET_CHECKSUM) !== packetChecksum(packet)) return undefined;
  const chunks = readChunks(packet.subarray(COMMON_HEADER_BYTES));
  if (chunks === undefined) return undefined;
  return {
    sourcePort: packet.readUInt16BE(0),
    destinationPort: packet.readUInt16BE(2),
    verificationTag: packet.readUInt32BE(4),
    chunks,
  };
}

/** The checksum of a packet, its own field counted as zero. */
export function packetChecksum(packet: Uint8Array): number {
  const header = crc32c(packet.subarray(0, OFFSET_CHECKSUM));
  return crc32c(packet.subarray(COMMON_HEADER_BYTES), crc32c(ZERO_CHECKSUM, header));
}

// Packets are put together here and copied out at their final length, so that an association keeps no buffer of its own.
const scratch = Buffer.allocUnsafeSlow(MAX_PACKET_BYTES);

/** Puts chunks together to one packet. One writer is in use at a time: between creation and `finish` nothing else may run. */
export class PacketWriter {
  readonly #limit: number;
  #at = COMMON_HEADER_BYTES;

  constructor(sourcePort: number, destinationPort: number, verificationTag: number, maxBytes: number) {
    this.#limit = Math.min(maxBytes, MAX_PACKET_BYTES);
    scratch.writeUInt16BE(sourcePort, 0);
    scratch.writeUInt16BE(destinationPort, 2);
    scratch.writeUInt32BE(verificationTag, 4);
  }

  get isEmpty(): boolean {
    return this.#at === COMMON_HEADER_BYTES;
  }

  /** Bytes left for further chunks. */
  get room(): number {
    return this.#limit - this.#at;
  }

  /** Appends a whole, padded chunk. */
  add(chunk: Uint8Array): void {
    scratch.set(chunk, this.#at);
    this.#at += chunk.length;
  }

  /** Space of `length` bytes (a multiple of four) for a chunk to be written in place. */
  claim(length: number): Buffer {
    const space = scratch.subarray(this.#at, this.#at + length);
    this.#at += length;
    return space;
  }

  /** The finished packet, in memory of its own. */
  finish(): Buffer {
    const packet = Buffer.from(scratch.subarray(0, this.#at));
    packet.writeUInt32LE(packetChecksum(packet), OFFSET_CHECKSUM);
    return packet;
  }
}
