import { ByteReader } from '../byte-reader.ts';
import { uint8, uint16, uint16List, vector8, vector16 } from '../vectors.ts';

export const ExtensionType = {
  /** RFC 8422 section 5.1.1 */
  supportedGroups: 10,
  /** RFC 8422 section 5.1.2 */
  ecPointFormats: 11,
  /** RFC 5246 section 7.4.1.4.1 */
  signatureAlgorithms: 13,
  /** RFC 5764 section 4.1 */
  useSrtp: 14,
  /** RFC 7627 section 5.1 */
  extendedMasterSecret: 23,
  /** RFC 5746 section 3.2 */
  renegotiationInfo: 0xff01,
} as const;

/** Extensions by type; bodies not read yet. */
export type Extensions = ReadonlyMap<number, Buffer>;

/** Extension extensions<0..2^16-1> (RFC 5246 section 7.4.1.4), undefined if malformed or if a type comes twice. */
export function parseExtensions(reader: ByteReader): Extensions | undefined {
  const extensions = new Map<number, Buffer>();
  // They may be left out altogether.
  if (reader.remaining === 0) return extensions;
  const list = new ByteReader(reader.vector16());
  while (list.remaining > 0) {
    const type = list.uint16();
    const body = list.vector16();
    if (!list.intact || extensions.has(type)) return undefined;
    extensions.set(type, body);
  }
  return extensions;
}

export function writeExtensions(extensions: Extensions): Buffer {
  return vector16(...[...extensions].flatMap(([type, body]) => [uint16(type), vector16(body)]));
}

/** The code points of an extension that is one list of them: supported_groups, signature_algorithms. */
export function parseCodePoints(body: Buffer | undefined): readonly number[] {
  if (body === undefined) return [];
  const reader = new ByteReader(body);
  const values = reader.uint16List();
  return reader.complete ? values : [];
}

/** The profiles of use_srtp. A master key identifier is read over: we use none. */
export function parseUseSrtp(body: Buffer | undefined): readonly number[] {
  if (body === undefined) return [];
  const reader = new ByteReader(body);
  const profiles = reader.uint16List();
  reader.vector8();
  return reader.complete ? profiles : [];
}

export function writeUseSrtp(profiles: readonly number[]): Buffer {
  return Buffer.concat([uint16List(profiles), uint8(0)]);
}

/** The only format there is: uncompressed. */
export const UNCOMPRESSED_POINTS = vector8(uint8(0));
/** Content of renegotiation_info in a first handshake: empty. */
export const NO_RENEGOTIATION = vector8();
