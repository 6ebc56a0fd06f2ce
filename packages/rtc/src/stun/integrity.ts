import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { ATTRIBUTE_HEADER_SIZE, COOKIE_OFFSET, LENGTH_OFFSET, STUN_HEADER_SIZE } from './attributes.ts';

/** The hash of an HMAC: of MESSAGE-INTEGRITY, and of MESSAGE-INTEGRITY-SHA256. */
export type IntegrityHash = 'sha1' | 'sha256';

/** Output of the HMAC, which is not truncated (RFC 8489 section 14.6 would allow that only to usages that define it). */
export const INTEGRITY_SIZES: Readonly<Record<IntegrityHash, number>> = { sha1: 20, sha256: 32 };

/** The key of short-term credentials is the password itself (RFC 8489 section 9.1.1). Made once: a key object spares the import per message. */
export function shortTermKey(password: string): KeyObject {
  return createSecretKey(Buffer.from(password, 'utf8'));
}

/**
 * Value of the MESSAGE-INTEGRITY attribute that starts at `offset` (RFC 8489 section 14.5), or of MESSAGE-INTEGRITY-SHA256 (section 14.6): the HMAC of
 * everything before it, under a length field that pretends that the message ends with it. The message is not changed.
 */
export function computeIntegrity(
  message: Buffer,
  offset: number,
  key: KeyObject,
  hash: IntegrityHash = 'sha1',
): Buffer {
  const start = Buffer.from(message.subarray(0, COOKIE_OFFSET));
  start.writeUInt16BE(offset + ATTRIBUTE_HEADER_SIZE + INTEGRITY_SIZES[hash] - STUN_HEADER_SIZE, LENGTH_OFFSET);
  return createHmac(hash, key).update(start).update(message.subarray(COOKIE_OFFSET, offset)).digest();
}

/** Reports whether the attribute at `offset` was made with `key`. False for -1, a message without one. */
export function verifyIntegrity(
  message: Buffer,
  offset: number,
  key: KeyObject,
  hash: IntegrityHash = 'sha1',
): boolean {
  if (offset < 0) return false;
  const start = offset + ATTRIBUTE_HEADER_SIZE;
  const value = message.subarray(start, start + INTEGRITY_SIZES[hash]);
  return timingSafeEqual(computeIntegrity(message, offset, key, hash), value);
}
