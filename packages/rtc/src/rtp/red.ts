/**
 * Redundant audio data (RFC 2198): earlier encodings of the sound, then the primary one. Each block but the last has four bytes of header, and
 * all headers precede the data.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |1|  block PT   |      timestamp offset     |   block length    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |0|  block PT   |
 * +-+-+-+-+-+-+-+-+
 * ```
 */
const BLOCK_HEADER_BYTES = 4;
const FOLLOWS = 0x80;
const PAYLOAD_TYPE_MASK = 0x7f;
const BLOCK_LENGTH_MASK = 0x3ff;

/**
 * Returns how many bytes precede the primary encoding of a payload from `start` to `end`, or -1 if it is malformed: without a
 * primary encoding, or with a block that is not of the one format.
 */
export function primaryOffset(packet: Buffer, start: number, end: number, payloadType: number): number {
  let at = start;
  let redundantBytes = 0;
  while (at < end) {
    const first = packet[at]!;
    if ((first & PAYLOAD_TYPE_MASK) !== payloadType) return -1;
    if ((first & FOLLOWS) === 0) {
      const primary = at + 1 + redundantBytes;
      return primary < end ? primary - start : -1;
    }
    if (at + BLOCK_HEADER_BYTES > end) return -1;
    redundantBytes += packet.readUInt16BE(at + 2) & BLOCK_LENGTH_MASK;
    at += BLOCK_HEADER_BYTES;
  }
  return -1;
}
