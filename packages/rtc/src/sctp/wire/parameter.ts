import { padded } from './chunk.ts';

/** Parameter types of INIT, INIT ACK and RE-CONFIG (RFC 9260 section 3.3.2, RFC 3758, RFC 5061, RFC 6525). */
export const ParameterType = {
  HeartbeatInfo: 1,
  Ipv4Address: 5,
  Ipv6Address: 6,
  StateCookie: 7,
  UnrecognizedParameter: 8,
  CookiePreservative: 9,
  HostNameAddress: 11,
  SupportedAddressTypes: 12,
  OutgoingSsnResetRequest: 13,
  IncomingSsnResetRequest: 14,
  SsnTsnResetRequest: 15,
  ReConfigResponse: 16,
  AddOutgoingStreamsRequest: 17,
  AddIncomingStreamsRequest: 18,
  EcnCapable: 0x8000,
  SupportedExtensions: 0x8008,
  ForwardTsnSupported: 0xc000,
} as const;

const PARAMETER_HEADER_BYTES = 4;

/** A type, length, value triple inside a chunk; `value` borrows the packet's memory. Error causes have the same form. */
export interface Parameter {
  readonly type: number;
  readonly value: Buffer;
}

/*
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |        Parameter Type         |       Parameter Length        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * /                        Parameter Value                        /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
/** All parameters in `bytes`, or nothing if one's length is less than its header or reaches past the end. */
export function readParameters(bytes: Buffer): Parameter[] | undefined {
  const parameters: Parameter[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < PARAMETER_HEADER_BYTES) return undefined;
    const length = bytes.readUInt16BE(at + 2);
    if (length < PARAMETER_HEADER_BYTES || length > bytes.length - at) return undefined;
    parameters.push({
      type: bytes.readUInt16BE(at),
      value: bytes.subarray(at + PARAMETER_HEADER_BYTES, at + length),
    });
    // The last parameter's padding does not count as part of the chunk (RFC 9260 section 3.2).
    at += padded(length);
  }
  return parameters;
}

/** A parameter to be sent. */
export interface OutgoingParameter {
  readonly type: number;
  readonly value: Uint8Array;
}

/** Bytes that parameters of these value lengths take at most, padding included. */
function parametersBytes(parameters: readonly OutgoingParameter[]): number {
  return parameters.reduce((total, { value }) => total + PARAMETER_HEADER_BYTES + padded(value.length), 0);
}

/** Parameters one behind the other, padded except for the last one: a chunk's length leaves that padding out. */
export function encodeParameters(parameters: readonly OutgoingParameter[]): Buffer {
  const bytes = Buffer.alloc(parametersBytes(parameters));
  let at = 0;
  let end = 0;
  for (const { type, value } of parameters) {
    bytes.writeUInt16BE(type, at);
    bytes.writeUInt16BE(PARAMETER_HEADER_BYTES + value.length, at + 2);
    bytes.set(value, at + PARAMETER_HEADER_BYTES);
    end = at + PARAMETER_HEADER_BYTES + value.length;
    at = padded(end);
  }
  return bytes.subarray(0, end);
}
