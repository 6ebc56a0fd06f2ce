import { deflateSync, inflateSync } from 'node:zlib';
import { ProtocolError } from './errors.ts';

/** Of SDP for 500, level 3 leaves 2% more than the default, in a third of the time. */
const LEVEL = 3;

/** Compresses into the zlib format (RFC 1950). */
export function deflate(bytes: Uint8Array): Uint8Array {
  return deflateSync(bytes, { level: LEVEL });
}

/** Inflates the zlib format (RFC 1950), giving up beyond `maxBytes` of output. Throws a ProtocolError. */
export function inflate(bytes: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return inflateSync(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new ProtocolError('too_large', `compressed data inflates to more than ${maxBytes} bytes`, { cause });
    }
    throw new ProtocolError('invalid_message', 'invalid zlib data', { cause });
  }
}
