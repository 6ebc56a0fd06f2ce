import { ChunkType, encodeChunk } from './chunk.ts';

/** The cumulative TSN in the value of a SHUTDOWN (RFC 9260 section 3.3.8); nothing if its length is wrong. */
export function readShutdown(value: Buffer): number | undefined {
  return value.length === 4 ? value.readUInt32BE(0) : undefined;
}

export function encodeShutdown(cumulativeTsn: number): Buffer {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(cumulativeTsn, 0);
  return encodeChunk(ChunkType.Shutdown, 0, value);
}
