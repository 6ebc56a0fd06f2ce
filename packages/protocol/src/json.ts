import { check } from '@rtcd/boundary';
import { checkArgument, ProtocolError } from './errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** UTF-8 bytes of the JSON text, as carried in the `data` of rtc messages. */
export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Reads JSON from untrusted bytes, of which there may be at most `maxBytes`. Throws `ProtocolError`. */
export function decodeJson(bytes: Uint8Array, maxBytes: number): unknown {
  checkArgument('data', bytes, check.bytes);
  if (bytes.length > maxBytes) {
    throw new ProtocolError('too_large', `JSON of ${bytes.length} bytes: at most ${maxBytes} are allowed`);
  }
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (cause) {
    throw new ProtocolError('invalid_message', 'invalid JSON', { cause });
  }
}
