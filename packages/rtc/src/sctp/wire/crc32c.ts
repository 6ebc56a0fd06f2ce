// CRC32c (Castagnoli), RFC 9260 appendix A, reflected form, eight bytes per step ("slicing by 8").
const REFLECTED_POLYNOMIAL = 0x82f63b78;
const SLICES = 8;

const TABLE = makeTable();

// Signed, so that an entry is a small integer to the engine and never a double: twice as fast.
// Row 0 is the ordinary byte table; row k advances a byte by k further zero bytes.
function makeTable(): Int32Array {
  const table = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ REFLECTED_POLYNOMIAL : crc >>> 1;
    table[byte] = crc;
  }
  for (let index = 256; index < table.length; index += 1) {
    const previous = table[index - 256]!;
    table[index] = (previous >>> 8) ^ table[previous & 0xff]!;
  }
  return table;
}

/** CRC32c of `bytes`; pass the result for earlier bytes as `previous` to continue from there. */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous;
  const { length } = bytes;
  const whole = length - (length % SLICES);
  let at = 0;
  for (; at < whole; at += SLICES) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      TABLE[0x700 | (crc & 0xff)]! ^
      TABLE[0x600 | ((crc >>> 8) & 0xff)]! ^
      TABLE[0x500 | ((crc >>> 16) & 0xff)]! ^
      TABLE[0x400 | (crc >>> 24)]! ^
      TABLE[0x300 | bytes[at + 4]!]! ^
      TABLE[0x200 | bytes[at + 5]!]! ^
      TABLE[0x100 | bytes[at + 6]!]! ^
      TABLE[bytes[at + 7]!]!;
  }
  for (; at < length; at += 1) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}
