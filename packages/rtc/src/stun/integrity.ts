import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { ATTRIBUTE_HEADER_SIZE, COOKIE_OFFSET, LENGTH_OFFSET, STUN_HEADER_SIZE } from './attributes.ts';

/** HMAC-SHA1's output. */
export const INTEGRITY_SIZE = 20;

/** The key of short-term credentials is the password itself (RFC 8489 section 9.1.1). Made once: a key object spares the import per message. */
export function shortTermKey(password: string): KeyObject {
  return createSecretKey(Buffer.from(password, 'utf8'));
}

/**
 * Value of the MESSAGE-INTEGRITY attribute that starts at `offset` (RFC 8489 section 14.5): the HMAC of everything before
 * it, under a length field that pretends that the message ends with it. The message is not changed.
 */
export function computeIntegrity(message: Buffer, offset: number, key: KeyObject): Buffer {
  const start = Buffer.from(message.subarray(0, COOKIE_OFFSET));
  start.writeUInt16BE(offset + ATTRIBUTE_HEADER_SIZE + INTEGRITY_SIZE - STUN_HEADER_SIZE, LENGTH_OFFSET);
  return createHmac('sha1', key).update(start).update(message.subarray(COOKIE_OFFSET, offset)).digest();
}

/** Reports whether the MESSAGE-INTEGRITY attribute at `offset` was made with `key`. False for -1, a message without one. */
export function verifyIntegrity(message: Buffer, offset: number, key: KeyObject): boolean {
  if (offset < 0) return false;
  const start = offset + ATTRIBUTE_HEADER_SIZE;
  return timingSafeEqual(computeIntegrity(message, offset, key), message.subarray(start, start + INTEGRITY_SIZE));
}
