import { Buffer } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import { hash, verify } from '@node-rs/bcrypt';
import { AuthError } from './errors.ts';

/** bcrypt reads no further: two keys that differ only after this many bytes would be the same key. */
export const MAX_KEY_BYTES = 72;

/** Reports whether bcrypt takes all of the key into account. */
export function fitsBcrypt(key: string): boolean {
  return Buffer.byteLength(key) <= MAX_KEY_BYTES;
}

/** Hashes off the event loop, in the `$2a$` form that every bcrypt implementation reads. */
export function hashKey(key: string, cost: number): Promise<string> {
  return hash(key, { cost, version: '2a', rejectLongPasswords: true });
}

/**
 * Compares off the event loop and in constant time; `$2a$`, `$2b$` and `$2y$` hashes of any cost. A key longer than
 * bcrypt can tell apart never matches, as it cannot have been registered.
 */
export async function verifyKey(key: string, storedHash: string): Promise<boolean> {
  return key !== '' && fitsBcrypt(key) && (await verify(key, storedHash));
}

/** Checks a key against the admin secret. Digests are compared, so that the time reveals neither content nor length. */
export function createAdminKeyCheck(secretKey: string | undefined): (key: string) => boolean {
  if (secretKey === undefined) return () => false;
  if (secretKey === '') {
    throw new AuthError('invalid_option', 'the admin secret key is empty: set it, or omit it to have no admin');
  }
  const expected = sha256(secretKey);
  return (key) => timingSafeEqual(sha256(key), expected);
}

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
