// Distinguished Encoding Rules (X.690), as much as a self-signed certificate takes.

const Tag = {
  integer: 0x02,
  bitString: 0x03,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

export function derSequence(...items: readonly Uint8Array[]): Buffer {
  return derValue(Tag.sequence, ...items);
}

export function derSet(...items: readonly Uint8Array[]): Buffer {
  return derValue(Tag.set, ...items);
}

/** `[tag] EXPLICIT` */
export function derExplicit(tag: number, item: Uint8Array): Buffer {
  return derValue(0xa0 | tag, item);
}

/** A non-negative integer, from its big-endian bytes: leading zeros cut, one put back where the first bit would be a sign. */
export function derInteger(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const magnitude = first < 0 ? Buffer.of(0) : Buffer.from(bytes.subarray(first));
  return derValue(Tag.integer, magnitude[0]! >= 0x80 ? Buffer.of(0) : Buffer.of(), magnitude);
}

/** From dotted form. The first two arcs share a number, each number goes in base 128. */
export function derObjectIdentifier(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(Number);
  return derValue(Tag.objectIdentifier, Buffer.from([first! * 40 + second!, ...rest].flatMap(base128)));
}

export function derUtf8String(text: string): Buffer {
  return derValue(Tag.utf8String, Buffer.from(text, 'utf8'));
}

/** Whole bytes: no unused bits at the end. */
export function derBitString(bytes: Uint8Array): Buffer {
  return derValue(Tag.bitString, Buffer.of(0), bytes);
}

/** RFC 5280 section 4.1.2.5: UTCTime up to 2049, GeneralizedTime from then on; both in UTC, to the second. */
export function derTime(timeMs: number): Buffer {
  const text = `${new Date(timeMs).toISOString().replace(/[-:T]|\.\d+/g, '')}`;
  const year = Number(text.slice(0, 4));
  const short = year >= 1950 && year < 2050;
  return derValue(short ? Tag.utcTime : Tag.generalizedTime, Buffer.from(short ? text.slice(2) : text, 'ascii'));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift(0x80 | (rest & 0x7f));
  return digits;
}

function derValue(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), derLength(content.length), content]);
}

/** One byte below 128, otherwise the count of length bytes and then these. */
function derLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  return length < 0x100 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >>> 8, length & 0xff);
}
