import { ByteReader } from '../byte-reader.ts';
import { uint8, uint16, uint16List, vector8, vector16, vector24 } from '../vectors.ts';

/** ClientCertificateType (RFC 5246 section 7.4.4, RFC 8422 section 5.5) */
const RSA_SIGN = 1;
const ECDSA_SIGN = 64;

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |            Length of the whole list           | Length of     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   the first certificate       | Certificate (DER)           ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/**
 * Certificate (RFC 5246 section 7.4.2). Returns the sender's own, the first; what else is in the list would only matter
 * to a reader that follows chains. Undefined if there is none.
 */
export function parseCertificate(body: Uint8Array): Buffer | undefined {
  const reader = new ByteReader(body);
  const list = new ByteReader(reader.vector24());
  const certificate = list.vector24();
  return reader.complete && list.intact && certificate.length > 0 ? certificate : undefined;
}

export function writeCertificate(certificate: Uint8Array): Buffer {
  return vector24(vector24(certificate));
}

/** certificate_types<1..2^8-1>, supported_signature_algorithms<2..2^16-2>, certificate_authorities<0..2^16-1> (RFC 5246 section 7.4.4) */
export function parseCertificateRequest(
  body: Uint8Array,
): { readonly signatureSchemes: readonly number[] } | undefined {
  const reader = new ByteReader(body);
  reader.vector8();
  const signatureSchemes = reader.uint16List();
  reader.vector16();
  return reader.complete ? { signatureSchemes } : undefined;
}

export function writeCertificateRequest(signatureSchemes: readonly number[]): Buffer {
  return Buffer.concat([vector8(uint8(ECDSA_SIGN), uint8(RSA_SIGN)), uint16List(signatureSchemes), vector16()]);
}

export interface CertificateVerify {
  readonly signatureScheme: number;
  readonly signature: Buffer;
}

/** CertificateVerify: scheme (2 bytes), signature<0..2^16-1> (RFC 5246 section 7.4.8). */
export function parseCertificateVerify(body: Uint8Array): CertificateVerify | undefined {
  const reader = new ByteReader(body);
  const signatureScheme = reader.uint16();
  const signature = reader.vector16();
  return reader.complete ? { signatureScheme, signature } : undefined;
}

export function writeCertificateVerify(message: CertificateVerify): Buffer {
  return Buffer.concat([uint16(message.signatureScheme), vector16(message.signature)]);
}
