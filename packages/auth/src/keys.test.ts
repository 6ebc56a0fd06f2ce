import { describe, expect, it } from 'vitest';
import { hashKey, verifyKey } from './keys.ts';

describe('key hash', () => {
  it('writes $2a$ hashes that verify with their key alone', async () => {
    const hash = await hashKey('k'.repeat(32), 4);
    expect(hash).toMatch(/^\$2a\$04\$.{53}$/);
    expect(await verifyKey('k'.repeat(32), hash)).toBe(true);
    expect(await verifyKey('k'.repeat(33), hash)).toBe(false);
    expect(await verifyKey('', hash)).toBe(false);
  });

  // Source: golang.org/x/crypto, bcrypt/bcrypt_test.go, TestBcryptingIsCorrect.
  it('accepts a hash made by the Go implementation', async () => {
    const hash = '$2a$10$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga';
    expect(await verifyKey('allmine', hash)).toBe(true);
    expect(await verifyKey('allmine2', hash)).toBe(false);
  });

  it('distinguishes keys up to the last of 72 bytes, and never matches a longer one', async () => {
    const key = 'k'.repeat(72);
    const hash = await hashKey(key, 4);
    expect(await verifyKey(key, hash)).toBe(true);
    expect(await verifyKey(`${key.slice(0, 71)}x`, hash)).toBe(false);
    expect(await verifyKey(`${key}x`, hash)).toBe(false);
    await expect(hashKey(`${key}x`, 4)).rejects.toThrow(RangeError);
  });

  it.each(['', 'not a hash', '$2a$10$tooshort', '$2a$99$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga'])(
    'does not match a damaged hash: %j',
    async (hash) => {
      expect(await verifyKey('k'.repeat(32), hash)).toBe(false);
    },
  );

  it('leaves the event loop free while it hashes', async () => {
    let turns = 0;
    const hashing = hashKey('k'.repeat(32), 11);
    const immediate = new Promise<string>((resolve) => {
      const count = () => (++turns === 3 ? resolve('event loop') : setImmediate(count));
      setImmediate(count);
    });
    expect(await Promise.race([hashing, immediate])).toBe('event loop');
    await hashing;
  });
});
