import { ByteReader } from '../byte-reader.ts';
import type { Randoms } from '../crypto/key-schedule.ts';
import { uint8, uint16, vector8, vector16 } from '../vectors.ts';

/** ECCurveType named_curve (RFC 8422 section 5.4) */
const NAMED_CURVE = 3;

export interface ServerKeyExchange {
  readonly group: number;
  readonly publicKey: Buffer;
  readonly signatureScheme: number;
  readonly signature: Buffer;
}

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Curve Type 3  |          Named Curve          |  Key Length   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Public Key                                                  ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |       Signature Scheme        |       Signature Length        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Signature                                                   ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/** RFC 8422 section 5.4 */
export function parseServerKeyExchange(body: Uint8Array): ServerKeyExchange | undefined {
  const reader = new ByteReader(body);
  const curveType = reader.uint8();
  const group = reader.uint16();
  const publicKey = reader.vector8();
  const signatureScheme = reader.uint16();
  const signature = reader.vector16();
  if (!reader.complete || curveType !== NAMED_CURVE) return undefined;
  return { group, publicKey, signatureScheme, signature };
}

export function writeServerKeyExchange(message: ServerKeyExchange): Buffer {
  return Buffer.concat([serverParams(message), uint16(message.signatureScheme), vector16(message.signature)]);
}

/** Bytes that the signature of a ServerKeyExchange covers: both randoms and the parameters. */
export function signedKeyExchange(randoms: Randoms, params: Pick<ServerKeyExchange, 'group' | 'publicKey'>): Buffer {
  return Buffer.concat([randoms.client, randoms.server, serverParams(params)]);
}

function serverParams({ group, publicKey }: Pick<ServerKeyExchange, 'group' | 'publicKey'>): Buffer {
  return Buffer.concat([uint8(NAMED_CURVE), uint16(group), vector8(publicKey)]);
}

/** ClientKeyExchange: one public key, opaque<1..2^8-1> (RFC 8422 section 5.7). */
export function parseClientKeyExchange(body: Uint8Array): Buffer | undefined {
  const reader = new ByteReader(body);
  const publicKey = reader.vector8();
  return reader.complete ? publicKey : undefined;
}

export function writeClientKeyExchange(publicKey: Uint8Array): Buffer {
  return vector8(publicKey);
}
