import { ChunkType, encodeChunk } from './chunk.ts';
import { encodeParameters, type OutgoingParameter, readParameters } from './parameter.ts';

/** Error causes of ABORT and ERROR (RFC 9260 section 3.3.10) that we send or read. */
export const CauseCode = {
  InvalidStreamIdentifier: 1,
  StaleCookie: 3,
  OutOfResource: 4,
  UnrecognizedChunkType: 6,
  UnrecognizedParameters: 8,
  NoUserData: 9,
  UserInitiatedAbort: 12,
  ProtocolViolation: 13,
} as const;

export function encodeAbort(code: number, value: Uint8Array = new Uint8Array(0)): Buffer {
  return encodeChunk(ChunkType.Abort, 0, encodeParameters([{ type: code, value }]));
}

/** Causes have the form of parameters, the code in place of the type. */
export function encodeError(causes: readonly OutgoingParameter[]): Buffer {
  return encodeChunk(ChunkType.Error, 0, encodeParameters(causes));
}

/** The codes named in an ABORT or ERROR; none if it is malformed. */
export function readCauseCodes(value: Buffer): number[] {
  return readParameters(value)?.map(({ type }) => type) ?? [];
}
