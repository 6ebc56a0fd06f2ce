import { ByteReader } from '../byte-reader.ts';
import { uint8, uint16, uint16List, vector8 } from '../vectors.ts';
import { type Extensions, parseExtensions, writeExtensions } from './extensions.ts';

export const RANDOM_SIZE = 32;
const MAX_SESSION_ID_SIZE = 32;

export interface ClientHello {
  /** The highest version that the client speaks, or 1.2 if it also speaks 1.3 (RFC 9147 section 5.3). */
  readonly version: number;
  readonly random: Buffer;
  readonly sessionId: Buffer;
  readonly cookie: Buffer;
  readonly cipherSuites: readonly number[];
  readonly compressionMethods: Buffer;
  readonly extensions: Extensions;
}

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |        Client Version         |      Random (32 bytes)      ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Session ID Length (0..32), Session ID                       ...
// | Cookie Length (0..255), Cookie                              ...
// | Cipher Suites Length (2 bytes), 2 bytes each                ...
// | Compression Methods Length (1 byte), 1 byte each            ...
// | Extensions Length (2 bytes), Extensions                     ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/** RFC 6347 section 4.2.1, RFC 5246 section 7.4.1.2. Its buffers are views into `body`. */
export function parseClientHello(body: Uint8Array): ClientHello | undefined {
  const reader = new ByteReader(body);
  const version = reader.uint16();
  const random = reader.bytes(RANDOM_SIZE);
  const sessionId = reader.vector8();
  const cookie = reader.vector8();
  const cipherSuites = reader.uint16List();
  const compressionMethods = reader.vector8();
  const extensions = parseExtensions(reader);
  if (!reader.complete || extensions === undefined || sessionId.length > MAX_SESSION_ID_SIZE) return undefined;
  return { version, random, sessionId, cookie, cipherSuites, compressionMethods, extensions };
}

export function writeClientHello(hello: ClientHello): Buffer {
  return Buffer.concat([
    uint16(hello.version),
    hello.random,
    vector8(hello.sessionId),
    vector8(hello.cookie),
    uint16List(hello.cipherSuites),
    vector8(hello.compressionMethods),
    writeExtensions(hello.extensions),
  ]);
}

/** HelloVerifyRequest: server_version (2 bytes), cookie<0..255> (RFC 6347 section 4.2.1). Returns the cookie. */
export function parseHelloVerifyRequest(body: Uint8Array): Buffer | undefined {
  const reader = new ByteReader(body);
  reader.uint16();
  const cookie = reader.vector8();
  return reader.complete ? cookie : undefined;
}

export function writeHelloVerifyRequest(version: number, cookie: Uint8Array): Buffer {
  return Buffer.concat([uint16(version), vector8(cookie)]);
}

/** The null compression method. */
export const NO_COMPRESSION = uint8(0);
