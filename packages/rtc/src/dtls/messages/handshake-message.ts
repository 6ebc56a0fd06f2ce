import { ByteReader } from '../byte-reader.ts';

/** RFC 5246 section 7.4, RFC 6347 section 4.3.2 */
export const HandshakeType = {
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;
export type HandshakeType = (typeof HandshakeType)[keyof typeof HandshakeType];

export const HANDSHAKE_HEADER_SIZE = 12;
const LENGTH_OFFSET = 1;
const MESSAGE_SEQ_OFFSET = 4;
const FRAGMENT_OFFSET_OFFSET = 6;
const FRAGMENT_LENGTH_OFFSET = 9;

/** A handshake message or a piece of one, nothing of it verified but that it lies within its message. */
export interface HandshakeFragment {
  readonly type: number;
  /** Length of the whole message, without header. */
  readonly length: number;
  readonly messageSeq: number;
  readonly fragmentOffset: number;
  /** A view into the record. */
  readonly body: Buffer;
}

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Msg Type    |                    Length                     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Message Seq           |        Fragment Offset        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Frag Offset  |               Fragment Length                 |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/** The fragments in a handshake record (RFC 6347 section 4.2.2), up to the first that is malformed. */
export function parseHandshakeFragments(payload: Uint8Array): HandshakeFragment[] {
  const reader = new ByteReader(payload);
  const fragments: HandshakeFragment[] = [];
  while (reader.remaining >= HANDSHAKE_HEADER_SIZE) {
    const type = reader.uint8();
    const length = reader.uint24();
    const messageSeq = reader.uint16();
    const fragmentOffset = reader.uint24();
    const body = reader.vector24();
    if (!reader.intact || fragmentOffset + body.length > length) break;
    fragments.push({ type, length, messageSeq, fragmentOffset, body });
  }
  return fragments;
}

/** A whole message: the form that is hashed into the transcript (RFC 6347 section 4.2.6). */
export function writeHandshakeMessage(type: HandshakeType, messageSeq: number, body: Uint8Array): Buffer {
  // Not from the pool: our last flight is kept for a while, and would keep all of it alive.
  const message = Buffer.alloc(HANDSHAKE_HEADER_SIZE + body.length);
  writeHandshakeHeader({ type, length: body.length, messageSeq, fragmentOffset: 0 }, body.length, message);
  message.set(body, HANDSHAKE_HEADER_SIZE);
  return message;
}

/** Writes a header into `out`, and returns its size. */
export function writeHandshakeHeader(
  fields: Omit<HandshakeFragment, 'body'>,
  fragmentLength: number,
  out: Buffer,
): number {
  out[0] = fields.type;
  out.writeUIntBE(fields.length, LENGTH_OFFSET, 3);
  out.writeUInt16BE(fields.messageSeq, MESSAGE_SEQ_OFFSET);
  out.writeUIntBE(fields.fragmentOffset, FRAGMENT_OFFSET_OFFSET, 3);
  out.writeUIntBE(fragmentLength, FRAGMENT_LENGTH_OFFSET, 3);
  return HANDSHAKE_HEADER_SIZE;
}

/** Body of a whole message. */
export function messageBody(message: Buffer): Buffer {
  return message.subarray(HANDSHAKE_HEADER_SIZE);
}

/** The piece of a whole message that carries `size` bytes of its body from `offset` on. */
export function fragmentOf(message: Buffer, offset: number, size: number): Buffer {
  const fragment = Buffer.allocUnsafe(HANDSHAKE_HEADER_SIZE + size);
  message.copy(fragment, 0, 0, HANDSHAKE_HEADER_SIZE);
  fragment.writeUIntBE(offset, FRAGMENT_OFFSET_OFFSET, 3);
  fragment.writeUIntBE(size, FRAGMENT_LENGTH_OFFSET, 3);
  messageBody(message).copy(fragment, HANDSHAKE_HEADER_SIZE, offset, offset + size);
  return fragment;
}
