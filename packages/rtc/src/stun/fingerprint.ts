import { crc32 } from 'node:zlib';

/** ASCII 'STUN': keeps the checksum apart from that of a protocol that also ends its packets in a CRC-32. */
const FINGERPRINT_XOR = 0x5354554e;

/**
 * Value of the FINGERPRINT attribute that starts at `offset` (RFC 8489 section 14.7). The message's length field must
 * cover the attribute already.
 */
export function computeFingerprint(message: Buffer, offset: number): number {
  return (crc32(message.subarray(0, offset)) ^ FINGERPRINT_XOR) >>> 0;
}
