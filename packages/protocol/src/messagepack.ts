import { decode, encode } from '@msgpack/msgpack';
import { check } from '@rtcd/boundary';
import { checkArgument, ProtocolError } from './errors.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { scanValues } from './messagepack-scan.ts';

/** Writes values one after the other. Integers take their smallest form, byte arrays are `bin`, strings are `str`. */
export function encodeValues(values: readonly unknown[]): Uint8Array {
  const parts = values.map((value) => encode(value));
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  if (size > MAX_MESSAGE_BYTES) throw tooLarge(size);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * Reads the values that follow one another in `bytes`. Any integer encoding becomes a number, `bin` becomes a view into
 * `bytes`. Throws `ProtocolError` if there are fewer than `min` or more than `max`, or if anything is wrong with one.
 */
export function decodeValues(bytes: Uint8Array, min: number, max: number): unknown[] {
  checkArgument('bytes', bytes, check.bytes);
  if (bytes.length > MAX_MESSAGE_BYTES) throw tooLarge(bytes.length);
  const ends = scanValues(bytes);
  if (ends.length < min) throw new ProtocolError('invalid_message', 'message cut short');
  if (ends.length > max) throw new ProtocolError('invalid_message', 'bytes after the end of the message');
  return ends.map((end, index) => decodeValue(bytes.subarray(ends[index - 1] ?? 0, end)));
}

function decodeValue(bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch (cause) {
    throw new ProtocolError('invalid_message', 'invalid MessagePack value', { cause });
  }
}

function tooLarge(size: number): ProtocolError {
  return new ProtocolError('too_large', `message of ${size} bytes: at most ${MAX_MESSAGE_BYTES} are allowed`);
}
