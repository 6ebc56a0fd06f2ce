import { ChunkType, encodeChunk } from './chunk.ts';
import { encodeParameters, ParameterType, readParameters } from './parameter.ts';

/** Results of a re-configuration request (RFC 6525 section 4.4). */
export const ReConfigResult = {
  NothingToDo: 0,
  Performed: 1,
  Denied: 2,
  WrongSsn: 3,
  RequestAlreadyInProgress: 4,
  BadSequenceNumber: 5,
  InProgress: 6,
} as const;

/** The sender has started its outgoing streams over: all of them if none is named (section 4.1). */
export interface OutgoingResetRequest {
  readonly kind: 'outgoing_reset';
  readonly requestSeq: number;
  readonly responseSeq: number;
  readonly lastAssignedTsn: number;
  readonly streamIds: readonly number[];
}

/** Any other request: asking us to reset our streams or all TSNs, or for more streams (sections 4.2, 4.3, 4.5, 4.6). */
export interface OtherRequest {
  readonly kind: 'other_request';
  readonly requestSeq: number;
}

export interface ReConfigResponse {
  readonly kind: 'response';
  readonly responseSeq: number;
  readonly result: number;
}

export type ReConfigParameter = OutgoingResetRequest | OtherRequest | ReConfigResponse;

/** The known parameters of a RE-CONFIG (section 3.1); nothing if malformed or more than the two that may be. */
export function readReConfig(value: Buffer): ReConfigParameter[] | undefined {
  const parameters = readParameters(value);
  if (parameters === undefined || parameters.length > 2) return undefined;
  const known: ReConfigParameter[] = [];
  for (const parameter of parameters) {
    switch (parameter.type) {
      case ParameterType.OutgoingSsnResetRequest: {
        const request = readOutgoingReset(parameter.value);
        if (request === undefined) return undefined;
        known.push(request);
        break;
      }
      case ParameterType.IncomingSsnResetRequest:
      case ParameterType.SsnTsnResetRequest:
      case ParameterType.AddOutgoingStreamsRequest:
      case ParameterType.AddIncomingStreamsRequest:
        if (parameter.value.length < 4) return undefined;
        known.push({ kind: 'other_request', requestSeq: parameter.value.readUInt32BE(0) });
        break;
      case ParameterType.ReConfigResponse:
        if (parameter.value.length < 8) return undefined;
        known.push({
          kind: 'response',
          responseSeq: parameter.value.readUInt32BE(0),
          result: parameter.value.readUInt32BE(4),
        });
        break;
    }
  }
  return known;
}

/*
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Parameter Type = 13       | Parameter Length = 16 + 2 * N |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           Re-configuration Request Sequence Number            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           Re-configuration Response Sequence Number           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                Sender's Last Assigned TSN                     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Stream Number 1 (optional)   |    Stream Number 2 (optional) |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
function readOutgoingReset(value: Buffer): OutgoingResetRequest | undefined {
  if (value.length < 12 || value.length % 2 !== 0) return undefined;
  const streamIds: number[] = [];
  for (let at = 12; at < value.length; at += 2) streamIds.push(value.readUInt16BE(at));
  return {
    kind: 'outgoing_reset',
    requestSeq: value.readUInt32BE(0),
    responseSeq: value.readUInt32BE(4),
    lastAssignedTsn: value.readUInt32BE(8),
    streamIds,
  };
}

export function encodeOutgoingReset(request: Omit<OutgoingResetRequest, 'kind'>): Buffer {
  const value = Buffer.alloc(12 + 2 * request.streamIds.length);
  value.writeUInt32BE(request.requestSeq, 0);
  value.writeUInt32BE(request.responseSeq, 4);
  let at = value.writeUInt32BE(request.lastAssignedTsn, 8);
  for (const streamId of request.streamIds) at = value.writeUInt16BE(streamId, at);
  return encodeChunk(ChunkType.ReConfig, 0, encodeParameters([{ type: ParameterType.OutgoingSsnResetRequest, value }]));
}

export function encodeReConfigResponse(responseSeq: number, result: number): Buffer {
  const value = Buffer.alloc(8);
  value.writeUInt32BE(responseSeq, 0);
  value.writeUInt32BE(result, 4);
  return encodeChunk(ChunkType.ReConfig, 0, encodeParameters([{ type: ParameterType.ReConfigResponse, value }]));
}
