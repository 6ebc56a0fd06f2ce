import { decode, encode } from '@msgpack/msgpack';
import { check } from '@rtcd/boundary';
import { checkArgument, ProtocolError } from './errors.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { readHeader, scanValues } from './messagepack-scan.ts';

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

/** Bounds on the values of a message. */
export interface ValueLimits {
  /** Least number of values that follow one another. */
  readonly min: number;
  readonly max: number;
  /** Upper bound on all values, keys and elements included. More are refused before any of them is read. */
  readonly maxNested: number;
}

/**
 * Reads the values that follow one another in `bytes`. Any integer encoding becomes a number, `bin` becomes a view into
 * `bytes`. Throws `ProtocolError` if their number is not within the limits, or if anything is wrong with one.
 */
export function decodeValues(bytes: Uint8Array, { min, max, maxNested }: ValueLimits): unknown[] {
  checkBytes(bytes);
  const ends = scanValues(bytes, maxNested);
  if (ends.length < min) throw new ProtocolError('invalid_message', 'message truncated');
  if (ends.length > max) throw new ProtocolError('invalid_message', 'bytes after the end of the message');
  return ends.map((end, index) => decodeValue(bytes.subarray(ends[index - 1] ?? 0, end)));
}

/** Reads the first value of a message if it is a small integer, without looking at the others. Throws `ProtocolError`. */
export function decodeFirstInteger(bytes: Uint8Array): number | undefined {
  checkBytes(bytes);
  const first = bytes[0];
  if (first === undefined) throw new ProtocolError('invalid_message', 'message truncated');
  if (first <= 0x7f) return first;
  const size = INTEGER_SIZES.get(first);
  if (size === undefined) return undefined;
  const value = decodeValue(bytes.subarray(0, 1 + size));
  return typeof value === 'number' ? value : undefined;
}

/**
 * Reads the first value of a message if it is a string of at most `maxBytes` with its header, without looking at the others. Throws
 * `ProtocolError` if it is truncated.
 */
export function decodeFirstText(bytes: Uint8Array, maxBytes: number): string | undefined {
  checkBytes(bytes);
  const { size } = readHeader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
  if (size > bytes.length) throw new ProtocolError('invalid_message', 'message truncated');
  if (size > maxBytes) return undefined;
  const value = decodeValue(bytes.subarray(0, size));
  return typeof value === 'string' ? value : undefined;
}

/** Bytes behind the header of uint and int 8, 16, 32, 64. */
const INTEGER_SIZES: ReadonlyMap<number, number> = new Map(
  [0xcc, 0xd0].flatMap((header) => [0, 1, 2, 3].map((power) => [header + power, 1 << power])),
);

function checkBytes(bytes: Uint8Array): void {
  checkArgument('bytes', bytes, check.bytes);
  if (bytes.length > MAX_MESSAGE_BYTES) throw tooLarge(bytes.length);
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
