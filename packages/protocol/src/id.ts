const Z_BASE_32 = 'ybndrfg8ejkmcpqxot1uwisza345h769';

/** Characters in an id: 128 bits at 5 bits each, padding cut. */
export const ID_LENGTH = 26;

/** A new random id of 26 characters: the 16 bytes of a random UUID (RFC 9562, version 4) in z-base-32. */
export function newID(): string {
  // Not crypto.randomUUID: browsers have it on HTTPS pages only.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = 0x40 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return zBase32(bytes);
}

/** z-base-32 without padding, most significant bit first. */
export function zBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let bitCount = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte; // at most 12 bits are still wanted; older ones fall off
    bitCount += 8;
    while (bitCount >= 5) {
      bitCount -= 5;
      text += Z_BASE_32[(bits >>> bitCount) & 31];
    }
  }
  return bitCount > 0 ? text + Z_BASE_32[(bits << (5 - bitCount)) & 31] : text;
}
