/** Chunk types (RFC 9260 section 3.2, RFC 3758, RFC 6525). */
export const ChunkType = {
  Data: 0,
  Init: 1,
  InitAck: 2,
  Sack: 3,
  Heartbeat: 4,
  HeartbeatAck: 5,
  Abort: 6,
  Shutdown: 7,
  ShutdownAck: 8,
  Error: 9,
  CookieEcho: 10,
  CookieAck: 11,
  ShutdownComplete: 14,
  ReConfig: 130,
  ForwardTsn: 192,
} as const;

const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(ChunkType));

export function isKnownChunk(type: number): boolean {
  return KNOWN_TYPES.has(type);
}

export const CHUNK_HEADER_BYTES = 4;

/** Flag of ABORT and SHUTDOWN COMPLETE: the verification tag is the receiver's of an answer, not the sender's own (section 8.5.1). */
export const FLAG_TAG_REFLECTED = 0x01;

/** One chunk of a received packet; `value` borrows the packet's memory, without header and padding. */
export interface Chunk {
  readonly type: number;
  readonly flags: number;
  readonly value: Buffer;
}

/** A length rounded up to the four bytes that chunks and parameters are padded to. */
export function padded(length: number): number {
  return (length + 3) & ~3;
}

/*
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   Chunk Type  |  Chunk Flags  |         Chunk Length          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * /                          Chunk Value                          /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
/** All chunks in `bytes`, or nothing if one's length is less than its header or reaches past the end. */
export function readChunks(bytes: Buffer): Chunk[] | undefined {
  const chunks: Chunk[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < CHUNK_HEADER_BYTES) return undefined;
    const length = bytes.readUInt16BE(at + 2);
    if (length < CHUNK_HEADER_BYTES || length > bytes.length - at) return undefined;
    chunks.push({
      type: bytes[at]!,
      flags: bytes[at + 1]!,
      value: bytes.subarray(at + CHUNK_HEADER_BYTES, at + length),
    });
    at += padded(length);
  }
  return chunks;
}

/** A whole chunk with zeroed padding. */
export function encodeChunk(type: number, flags: number, value: Uint8Array): Buffer {
  const length = CHUNK_HEADER_BYTES + value.length;
  const chunk = Buffer.alloc(padded(length));
  chunk[0] = type;
  chunk[1] = flags;
  chunk.writeUInt16BE(length, 2);
  chunk.set(value, CHUNK_HEADER_BYTES);
  return chunk;
}

export function encodeEmptyChunk(type: number, flags = 0): Buffer {
  return encodeChunk(type, flags, new Uint8Array(0));
}

/** Action for an unknown chunk or parameter type, from its two highest bits (RFC 9260 sections 3.2 and 3.2.1). */
export interface UnknownTypeAction {
  /** Continue with the next chunks, or ignore them too. */
  readonly skip: boolean;
  /** Tell the sender that it was not understood. */
  readonly report: boolean;
}

export function unknownChunkAction(type: number): UnknownTypeAction {
  return { skip: (type & 0x80) !== 0, report: (type & 0x40) !== 0 };
}
