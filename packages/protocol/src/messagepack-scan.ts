import { ProtocolError } from './errors.ts';
import { MAX_DEPTH } from './limits.ts';

/**
 * Finds where MessagePack values end, from their headers alone, before anything is allocated for them.
 * A header may claim 4 GiB of bytes, 4 billion elements or a million levels; after the scan every claim is known to be
 * covered by bytes that are there.
 *
 * ```
 * 1 header byte, then by format:   fix*: length in the header | 8/16/32: big-endian length | scalars: fixed size
 * ```
 * See the format table of the MessagePack specification.
 */
export function scanValues(bytes: Uint8Array, maxValues: number): number[] {
  const ends: number[] = [];
  const budget = { values: maxValues };
  for (let at = 0; at < bytes.length; ) {
    at = scanValue(bytes, at, budget);
    ends.push(at);
  }
  return ends;
}

function scanValue(bytes: Uint8Array, start: number, budget: { values: number }): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const open: number[] = []; // values still to come, per level
  let at = start;
  for (;;) {
    if (--budget.values < 0) throw tooManyValues();
    const header = readHeader(view, at);
    at += header.size;
    if (at > bytes.length) throw truncated();
    if (header.children > 0) {
      open.push(header.children);
      if (open.length > MAX_DEPTH) throw new ProtocolError('too_large', `MessagePack nested deeper than ${MAX_DEPTH}`);
      continue;
    }
    while (open.length > 0 && --open[open.length - 1]! === 0) open.pop();
    if (open.length === 0) return at;
  }
}

export interface Header {
  /** Bytes of the header, and of the payload of a scalar, string, binary or extension. */
  readonly size: number;
  /** Values that follow inside an array or a map (two per entry). */
  readonly children: number;
}

/** Reads the header of the value at an offset. Throws `ProtocolError` if it is truncated or none. */
export function readHeader(view: DataView, at: number): Header {
  const byte = uint(view, at, 1);
  if (byte <= 0x7f || byte >= 0xe0) return scalar(1); // fixint
  if (byte <= 0x8f) return { size: 1, children: (byte & 0x0f) * 2 }; // fixmap
  if (byte <= 0x9f) return { size: 1, children: byte & 0x0f }; // fixarray
  if (byte <= 0xbf) return scalar(1 + (byte & 0x1f)); // fixstr
  switch (byte) {
    case 0xc0: // nil
    case 0xc2: // false
    case 0xc3: // true
      return scalar(1);
    case 0xc4: // bin 8, 16, 32
    case 0xc5:
    case 0xc6:
      return withLength(view, at, 1 << (byte - 0xc4), 0);
    case 0xc7: // ext 8, 16, 32: a type byte after the length
    case 0xc8:
    case 0xc9:
      return withLength(view, at, 1 << (byte - 0xc7), 1);
    case 0xca: // float 32, 64
    case 0xcb:
      return scalar(1 + (4 << (byte - 0xca)));
    case 0xcc: // uint 8, 16, 32, 64
    case 0xcd:
    case 0xce:
    case 0xcf:
      return scalar(1 + (1 << (byte - 0xcc)));
    case 0xd0: // int 8, 16, 32, 64
    case 0xd1:
    case 0xd2:
    case 0xd3:
      return scalar(1 + (1 << (byte - 0xd0)));
    case 0xd4: // fixext 1, 2, 4, 8, 16
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      return scalar(2 + (1 << (byte - 0xd4)));
    case 0xd9: // str 8, 16, 32
    case 0xda:
    case 0xdb:
      return withLength(view, at, 1 << (byte - 0xd9), 0);
    case 0xdc: // array 16, 32
    case 0xdd: {
      const lengthSize = 2 << (byte - 0xdc);
      return { size: 1 + lengthSize, children: uint(view, at + 1, lengthSize) };
    }
    case 0xde: // map 16, 32
    case 0xdf: {
      const lengthSize = 2 << (byte - 0xde);
      return { size: 1 + lengthSize, children: uint(view, at + 1, lengthSize) * 2 };
    }
    default: // 0xc1 is never used
      throw new ProtocolError('invalid_message', 'MessagePack header 0xc1');
  }
}

function scalar(size: number): Header {
  return { size, children: 0 };
}

function withLength(view: DataView, at: number, lengthSize: number, extra: number): Header {
  return scalar(1 + lengthSize + extra + uint(view, at + 1, lengthSize));
}

function uint(view: DataView, at: number, size: number): number {
  if (at + size > view.byteLength) throw truncated();
  if (size === 1) return view.getUint8(at);
  return size === 2 ? view.getUint16(at) : view.getUint32(at);
}

function tooManyValues(): ProtocolError {
  return new ProtocolError('too_large', 'too many MessagePack values for this message type');
}

function truncated(): ProtocolError {
  return new ProtocolError('invalid_message', 'MessagePack value truncated');
}
