import { ChunkType, encodeChunk } from './chunk.ts';

/** An ordered stream in which messages up to `ssn` were given up. */
export interface SkippedStream {
  readonly streamId: number;
  readonly ssn: number;
}

export interface ForwardTsn {
  readonly newCumulativeTsn: number;
  readonly streams: readonly SkippedStream[];
}

/*
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                      New Cumulative TSN                       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           Stream-1            |       Stream Sequence-1       |  N times
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
/** The value of a FORWARD TSN (RFC 3758 section 3.2); nothing if its length is not that of whole entries. */
export function readForwardTsn(value: Buffer): ForwardTsn | undefined {
  if (value.length < 4 || value.length % 4 !== 0) return undefined;
  const streams: SkippedStream[] = [];
  for (let at = 4; at < value.length; at += 4) {
    streams.push({ streamId: value.readUInt16BE(at), ssn: value.readUInt16BE(at + 2) });
  }
  return { newCumulativeTsn: value.readUInt32BE(0), streams };
}

export function encodeForwardTsn(forward: ForwardTsn): Buffer {
  const value = Buffer.alloc(4 + 4 * forward.streams.length);
  let at = value.writeUInt32BE(forward.newCumulativeTsn, 0);
  for (const { streamId, ssn } of forward.streams) {
    at = value.writeUInt16BE(streamId, at);
    at = value.writeUInt16BE(ssn, at);
  }
  return encodeChunk(ChunkType.ForwardTsn, 0, value);
}
