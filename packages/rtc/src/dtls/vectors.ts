/** One byte. */
export function uint8(value: number): Buffer {
  return Buffer.of(value);
}

/** Two bytes, big-endian. */
export function uint16(value: number): Buffer {
  return Buffer.of(value >>> 8, value & 0xff);
}

/** opaque<0..2^8-1> (RFC 5246 section 4.3) */
export function vector8(...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([uint8(content.length), content]);
}

/** opaque<0..2^16-1> */
export function vector16(...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([uint16(content.length), content]);
}

/** opaque<0..2^24-1> */
export function vector24(...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([uint8(content.length >>> 16), uint16(content.length & 0xffff), content]);
}

/** uint16<0..2^16-2>: a list of code points. */
export function uint16List(values: readonly number[]): Buffer {
  return vector16(...values.map(uint16));
}
