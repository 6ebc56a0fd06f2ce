import { CHUNK_HEADER_BYTES, type Chunk, ChunkType, padded } from './chunk.ts';

const FLAG_END = 0x01;
const FLAG_BEGIN = 0x02;
const FLAG_UNORDERED = 0x04;
const FLAG_IMMEDIATE = 0x08;
const FIXED_BYTES = 12;

/** Chunk header and fixed fields in front of the user data. */
export const DATA_HEADER_BYTES = CHUNK_HEADER_BYTES + FIXED_BYTES;

/** One DATA chunk: a whole user message or a fragment of one (RFC 9260 section 3.3.1). */
export interface DataChunk {
  readonly tsn: number;
  readonly streamId: number;
  /** Stream sequence number; without meaning if unordered. */
  readonly ssn: number;
  /** Payload protocol identifier. */
  readonly ppid: number;
  readonly unordered: boolean;
  /** First fragment. */
  readonly begin: boolean;
  /** Last fragment. */
  readonly end: boolean;
  /** The sender asks for a SACK without delay (RFC 7053). */
  readonly immediate: boolean;
  readonly payload: Buffer;
}

/*
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   Type = 0    |  Res  |I|U|B|E|            Length             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                              TSN                              |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |      Stream Identifier S      |   Stream Sequence Number n    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                  Payload Protocol Identifier                  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * /                 User Data (seq n of Stream S)                 /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
/** Nothing if the chunk is shorter than its fixed fields. An empty payload is the caller's to judge. */
export function readData({ flags, value }: Chunk): DataChunk | undefined {
  if (value.length < FIXED_BYTES) return undefined;
  return {
    tsn: value.readUInt32BE(0),
    streamId: value.readUInt16BE(4),
    ssn: value.readUInt16BE(6),
    ppid: value.readUInt32BE(8),
    unordered: (flags & FLAG_UNORDERED) !== 0,
    begin: (flags & FLAG_BEGIN) !== 0,
    end: (flags & FLAG_END) !== 0,
    immediate: (flags & FLAG_IMMEDIATE) !== 0,
    payload: value.subarray(FIXED_BYTES),
  };
}

/** A DATA chunk to be sent. */
export type OutgoingData = Omit<DataChunk, 'payload'> & { readonly payload: Uint8Array };

/** Bytes that a DATA chunk with this much user data takes in a packet. */
export function dataChunkBytes(payloadBytes: number): number {
  return DATA_HEADER_BYTES + padded(payloadBytes);
}

/** Writes a whole chunk to the start of `target`, which has `dataChunkBytes` of room. Returns its padded length. */
export function writeData(data: OutgoingData, target: Buffer): number {
  const length = DATA_HEADER_BYTES + data.payload.length;
  target[0] = ChunkType.Data;
  target[1] = flagsOf(data);
  target.writeUInt16BE(length, 2);
  target.writeUInt32BE(data.tsn, 4);
  target.writeUInt16BE(data.streamId, 8);
  target.writeUInt16BE(data.unordered ? 0 : data.ssn, 10);
  target.writeUInt32BE(data.ppid, 12);
  target.set(data.payload, DATA_HEADER_BYTES);
  target.fill(0, length, padded(length));
  return padded(length);
}

const flagsOf = ({ end, begin, unordered, immediate }: OutgoingData): number =>
  (end ? FLAG_END : 0) | (begin ? FLAG_BEGIN : 0) | (unordered ? FLAG_UNORDERED : 0) | (immediate ? FLAG_IMMEDIATE : 0);
