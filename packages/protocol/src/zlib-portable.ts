import { Unzlib, zlibSync } from 'fflate';
import type { Zlib } from './zlib-format.ts';

/** Input given to the inflater at once. DEFLATE expands at most 1032 times, so this bounds its output to 1 MiB. */
const SLICE_BYTES = 1024;
const ADLER_BYTES = 4;
/** Largest prime below 2^16 (RFC 1950 section 9). */
const ADLER_BASE = 65_521;

/** For browsers. */
export const portableZlib: Zlib = {
  deflate: (bytes, level) => zlibSync(bytes, { level }),

  inflate(bytes, maxBytes) {
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    const inflater = new Unzlib((chunk) => {
      chunks.push(chunk);
      sizeBytes += chunk.length;
    });
    for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
      inflater.push(bytes.slice(at, at + SLICE_BYTES), at + SLICE_BYTES >= bytes.length);
      if (sizeBytes > maxBytes) return undefined;
    }
    if (bytes.length === 0) throw new Error('no data');
    const inflated = join(chunks, sizeBytes);
    const checksum = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - ADLER_BYTES).getUint32(0);
    if (checksum !== adler32(inflated)) throw new Error('wrong checksum');
    return inflated;
  },
};

function join(chunks: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const joined = new Uint8Array(sizeBytes);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}

/** RFC 1950 section 8.2. fflate does not verify it. */
function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % ADLER_BASE;
    b = (b + a) % ADLER_BASE;
  }
  return ((b << 16) | a) >>> 0;
}
