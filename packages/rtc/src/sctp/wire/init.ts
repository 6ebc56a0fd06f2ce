import { ChunkType, encodeChunk } from './chunk.ts';
import {
  encodeParameters,
  type OutgoingParameter,
  type Parameter,
  ParameterType,
  readParameters,
} from './parameter.ts';

const FIXED_BYTES = 16;
// Parameters that mean something to others than us: addresses and ECN belong to IP, which RFC 8261 does without;
// 0x8001 zero checksum, 0x8002 to 0x8005 authentication and padding, 0xc006 adaptation layer.
const KNOWN_AND_UNUSED: ReadonlySet<number> = new Set([
  ParameterType.Ipv4Address,
  ParameterType.Ipv6Address,
  ParameterType.UnrecognizedParameter,
  ParameterType.CookiePreservative,
  ParameterType.HostNameAddress,
  ParameterType.SupportedAddressTypes,
  ParameterType.EcnCapable,
  0x8001,
  0x8002,
  0x8003,
  0x8004,
  0x8005,
  0xc006,
]);

const ANNOUNCED: readonly OutgoingParameter[] = [
  { type: ParameterType.SupportedExtensions, value: new Uint8Array([ChunkType.ReConfig, ChunkType.ForwardTsn]) },
  { type: ParameterType.ForwardTsnSupported, value: new Uint8Array(0) },
];

/** Parameters of the sender in INIT and INIT ACK. */
export interface InitFields {
  readonly initiateTag: number;
  readonly receiverWindowBytes: number;
  readonly outboundStreams: number;
  readonly inboundStreams: number;
  readonly initialTsn: number;
}

export interface Init extends InitFields {
  /** The sender understands FORWARD TSN (RFC 3758). */
  readonly forwardTsn: boolean;
  /** The sender understands RE-CONFIG (RFC 6525). */
  readonly reConfig: boolean;
  /** INIT ACK only. */
  readonly cookie: Buffer | undefined;
  /** Unknown parameters whose type asks to be reported. */
  readonly unrecognized: readonly Parameter[];
}

/*
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                         Initiate Tag                          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           Advertised Receiver Window Credit (a_rwnd)          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Number of Outbound Streams   |   Number of Inbound Streams   |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                          Initial TSN                          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * /              Optional/Variable-Length Parameters              /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
/** The value of INIT or INIT ACK (RFC 9260 sections 3.3.2 and 3.3.3); nothing if malformed or if a field has a forbidden value. */
export function readInit(value: Buffer): Init | undefined {
  if (value.length < FIXED_BYTES) return undefined;
  const parameters = readParameters(value.subarray(FIXED_BYTES));
  if (parameters === undefined) return undefined;
  const fields: InitFields = {
    initiateTag: value.readUInt32BE(0),
    receiverWindowBytes: value.readUInt32BE(4),
    outboundStreams: value.readUInt16BE(8),
    inboundStreams: value.readUInt16BE(10),
    initialTsn: value.readUInt32BE(12),
  };
  if (fields.initiateTag === 0 || fields.outboundStreams === 0 || fields.inboundStreams === 0) return undefined;
  return { ...fields, ...readInitParameters(parameters) };
}

function readInitParameters(parameters: readonly Parameter[]): Omit<Init, keyof InitFields> {
  const unrecognized: Parameter[] = [];
  let cookie: Buffer | undefined;
  let forwardTsn = false;
  let reConfig = false;
  for (const parameter of parameters) {
    const { type, value } = parameter;
    if (type === ParameterType.StateCookie) cookie ??= value;
    else if (type === ParameterType.ForwardTsnSupported) forwardTsn = true;
    else if (type === ParameterType.SupportedExtensions) {
      forwardTsn ||= value.includes(ChunkType.ForwardTsn);
      reConfig ||= value.includes(ChunkType.ReConfig);
    } else if (!KNOWN_AND_UNUSED.has(type)) {
      if (type & 0x4000) unrecognized.push(parameter);
      if (!(type & 0x8000)) break;
    }
  }
  return { cookie, forwardTsn, reConfig, unrecognized };
}

/** A whole INIT, or INIT ACK with further parameters (unrecognized parameters, state cookie) behind what we always announce. */
export function encodeInit(
  type: typeof ChunkType.Init | typeof ChunkType.InitAck,
  fields: InitFields,
  parameters: readonly OutgoingParameter[] = [],
): Buffer {
  const fixed = Buffer.alloc(FIXED_BYTES);
  fixed.writeUInt32BE(fields.initiateTag, 0);
  fixed.writeUInt32BE(fields.receiverWindowBytes, 4);
  fixed.writeUInt16BE(fields.outboundStreams, 8);
  fixed.writeUInt16BE(fields.inboundStreams, 10);
  fixed.writeUInt32BE(fields.initialTsn, 12);
  return encodeChunk(type, 0, Buffer.concat([fixed, encodeParameters([...ANNOUNCED, ...parameters])]));
}
