import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBlockCipher, encryptZeroBlock } from './block-cipher.ts';
import { Ghash } from './ghash.ts';

const ZERO_IV = new Uint8Array(12);
/** The counter block 1 behind an IV of zeros, whose encryption masks the tag. */
const FIRST_COUNTER = Uint8Array.from({ length: 16 }, (_, i) => (i === 15 ? 1 : 0));

describe('GHASH', () => {
  it('gives the tags of AES-GCM in node:crypto for any key, associated data and text', () => {
    const key = fc.uint8Array({ minLength: 16, maxLength: 16 });
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(key, bytes, bytes, (cipherKey, aad, plaintext) => {
        const gcm = createCipheriv('aes-128-gcm', cipherKey, ZERO_IV).setAAD(aad);
        const ciphertext = Buffer.concat([gcm.update(plaintext), gcm.final()]);

        const cipher = createBlockCipher(cipherKey);
        const mask = cipher.update(FIRST_COUNTER);
        const tag = new Uint8Array(16);
        new Ghash(encryptZeroBlock(cipher)).tag(aad, aad.length, ciphertext, 0, ciphertext.length, mask, tag, 0);
        expect(Buffer.from(tag)).toEqual(gcm.getAuthTag());
      }),
    );
  });
});
