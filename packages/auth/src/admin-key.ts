import { createHash, timingSafeEqual } from 'node:crypto';
import { AuthError } from './errors.ts';

/** Checks a key against the admin secret. Digests are compared, so that the time tells neither content nor length. */
export function createAdminKeyCheck(secretKey: string | undefined): (key: string) => boolean {
  if (secretKey === undefined) {
    return () => false;
  }
  if (secretKey === '') {
    throw new AuthError(
      'invalid_option',
      'the admin secret key is empty: leave it out to have no admin, or give it a value',
    );
  }
  const expected = sha256(secretKey);
  return (key) => timingSafeEqual(sha256(key), expected);
}

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
