/** Ids of the elements that are written (RFC 8794, RFC 9559). */
export const ElementId = {
  ebml: 0x1a45_dfa3,
  ebmlVersion: 0x4286,
  ebmlReadVersion: 0x42f7,
  ebmlMaxIdLength: 0x42f2,
  ebmlMaxSizeLength: 0x42f3,
  docType: 0x4282,
  docTypeVersion: 0x4287,
  docTypeReadVersion: 0x4285,
  segment: 0x1853_8067,
  info: 0x1549_a966,
  timestampScale: 0x2a_d7b1,
  duration: 0x4489,
  muxingApp: 0x4d80,
  writingApp: 0x5741,
  tracks: 0x1654_ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  codecId: 0x86,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  cluster: 0x1f43_b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
} as const;

/** Size of an element that ends where the next one of its level begins (RFC 8794 section 6.2). */
const UNKNOWN_SIZE = Uint8Array.of(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
const MAX_SIZE_BYTES = 8;

/** Writes an element of bytes, or of other elements. */
export function element(id: number, ...content: readonly Uint8Array[]): Buffer {
  const length = content.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([idOf(id), sizeOf(length), ...content]);
}

export const unsignedElement = (id: number, value: number): Buffer => element(id, bytesOf(value));

export const textElement = (id: number, text: string): Buffer => element(id, Buffer.from(text));

export function floatElement(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return element(id, bytes);
}

/** Writes the beginning of an element to which content is appended without end. */
export const openElement = (id: number): Buffer => Buffer.concat([idOf(id), UNKNOWN_SIZE]);

const idOf = (id: number): Uint8Array => bytesOf(id);

/** Big-endian, in as many bytes as it takes. */
function bytesOf(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0 || bytes.length === 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Uint8Array.from(bytes);
}

/** A number of bytes, behind a 1 that says how many bytes that number takes (RFC 8794 section 4). All ones are reserved. */
function sizeOf(length: number): Uint8Array {
  let width = 1;
  while (width < MAX_SIZE_BYTES && length >= 2 ** (7 * width) - 1) width++;
  const bytes = Buffer.alloc(MAX_SIZE_BYTES);
  bytes.writeBigUInt64BE(BigInt(length) | (1n << BigInt(7 * width)));
  return bytes.subarray(MAX_SIZE_BYTES - width);
}
