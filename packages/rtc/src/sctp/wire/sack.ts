import { ChunkType, encodeChunk } from './chunk.ts';

const FIXED_BYTES = 12;

/** A run of TSNs received beyond a gap, as offsets from the cumulative TSN: 2 is the first that can be. */
export interface GapBlock {
  readonly start: number;
  readonly end: number;
}

export interface Sack {
  readonly cumulativeTsn: number;
  readonly receiverWindowBytes: number;
  /** Ascending and apart from each other. */
  readonly gapBlocks: readonly GapBlock[];
  readonly duplicateTsns: readonly number[];
}

/*
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                      Cumulative TSN Ack                       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |          Advertised Receiver Window Credit (a_rwnd)           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Number of Gap Ack Blocks = N  |  Number of Duplicate TSNs = M |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |    Gap Ack Block #1 Start     |     Gap Ack Block #1 End      |  N times
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                        Duplicate TSN 1                        |  M times
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
/** The value of a SACK (RFC 9260 section 3.3.4); nothing if its counts do not fit its length or its blocks are not ascending. */
export function readSack(value: Buffer): Sack | undefined {
  if (value.length < FIXED_BYTES) return undefined;
  const blockCount = value.readUInt16BE(8);
  const duplicateCount = value.readUInt16BE(10);
  if (value.length !== FIXED_BYTES + 4 * (blockCount + duplicateCount)) return undefined;
  const gapBlocks: GapBlock[] = [];
  let previousEnd = 0;
  for (let index = 0; index < blockCount; index += 1) {
    const start = value.readUInt16BE(FIXED_BYTES + 4 * index);
    const end = value.readUInt16BE(FIXED_BYTES + 4 * index + 2);
    // Overlapping blocks would make the cost of one SACK the product of its length and our queue.
    if (start <= previousEnd || end < start) return undefined;
    gapBlocks.push({ start, end });
    previousEnd = end;
  }
  const duplicateTsns: number[] = [];
  for (let index = 0; index < duplicateCount; index += 1) {
    duplicateTsns.push(value.readUInt32BE(FIXED_BYTES + 4 * (blockCount + index)));
  }
  return {
    cumulativeTsn: value.readUInt32BE(0),
    receiverWindowBytes: value.readUInt32BE(4),
    gapBlocks,
    duplicateTsns,
  };
}

export function encodeSack(sack: Sack): Buffer {
  const value = Buffer.alloc(FIXED_BYTES + 4 * (sack.gapBlocks.length + sack.duplicateTsns.length));
  value.writeUInt32BE(sack.cumulativeTsn, 0);
  value.writeUInt32BE(sack.receiverWindowBytes, 4);
  value.writeUInt16BE(sack.gapBlocks.length, 8);
  value.writeUInt16BE(sack.duplicateTsns.length, 10);
  let at = FIXED_BYTES;
  for (const { start, end } of sack.gapBlocks) {
    value.writeUInt16BE(start, at);
    value.writeUInt16BE(end, at + 2);
    at += 4;
  }
  for (const tsn of sack.duplicateTsns) at = value.writeUInt32BE(tsn, at);
  return encodeChunk(ChunkType.Sack, 0, value);
}
