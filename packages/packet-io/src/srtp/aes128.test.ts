import { createCipheriv } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileAes128 } from '../../wasm/compile.ts';
import { Aes128, aesIv, aesPacket, GCM_TAG_BYTES } from './aes128.ts';
import { MAX_PACKET_BYTES } from './limits.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** As node:crypto does it: the associated data, the ciphertext, and the tag. */
function sealByNode(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, text: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-128-gcm', key, iv, { authTagLength: GCM_TAG_BYTES }).setAAD(aad);
  const ciphertext = Buffer.concat([cipher.update(text), cipher.final()]);
  return Uint8Array.from([...aad, ...ciphertext, ...cipher.getAuthTag()]);
}

function cryptByNode(key: Uint8Array, iv: Uint8Array, text: Uint8Array): Uint8Array {
  return Uint8Array.from(createCipheriv('aes-128-ctr', key, Uint8Array.from([...iv, 0, 0])).update(text));
}

describe('AES-128', () => {
  it('seals in GCM with the very bytes that node:crypto gives', () => {
    fc.assert(
      fc.property(exactly(16), exactly(12), bytes(300), bytes(MAX_PACKET_BYTES - 300), (key, iv, aad, text) => {
        const length = aad.length + text.length;
        aesIv.set(iv);
        aesPacket.set(aad);
        aesPacket.set(text, aad.length);
        new Aes128(key).seal(aad.length, length);
        expect(aesPacket.slice(0, length + GCM_TAG_BYTES)).toEqual(sealByNode(key, iv, aad, text));
      }),
      { numRuns: 500 },
    );
  });

  it('opens in GCM what node:crypto sealed, and leaves what was changed anywhere as it was', () => {
    fc.assert(
      fc.property(
        exactly(16),
        exactly(12),
        bytes(100),
        bytes(400),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (key, iv, aad, text, place, change) => {
          const aes = new Aes128(key);
          const sealed = sealByNode(key, iv, aad, text);
          const end = aad.length + text.length;
          aesIv.set(iv);

          const forged = sealed.slice();
          forged[place % forged.length]! ^= change;
          aesPacket.set(forged);
          expect(aes.open(aad.length, end)).toBe(false);
          expect(aesPacket.slice(0, forged.length)).toEqual(forged);

          aesPacket.set(sealed);
          expect(aes.open(aad.length, end)).toBe(true);
          expect(aesPacket.slice(aad.length, end)).toEqual(text);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('counts like node:crypto from 0 in counter mode', () => {
    fc.assert(
      fc.property(exactly(16), exactly(14), bytes(40), bytes(MAX_PACKET_BYTES - 40), (key, iv, clear, text) => {
        const length = clear.length + text.length;
        aesIv.set(iv);
        aesPacket.set(clear);
        aesPacket.set(text, clear.length);
        new Aes128(key).crypt(clear.length, length);
        expect(aesPacket.slice(0, length)).toEqual(Uint8Array.from([...clear, ...cryptByNode(key, iv, text)]));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps keys and modes apart when they take turns', () => {
    const text = Uint8Array.from({ length: 50 }, (_, i) => i);
    const keys = [1, 2, 3].map((value) => new Uint8Array(16).fill(value));
    const ciphers = keys.map((key) => new Aes128(key));
    for (let turn = 0; turn < 12; turn++) {
      const key = keys[turn % 3]!;
      const cipher = ciphers[turn % 3]!;
      const counterIv = new Uint8Array(14).fill(0xf0 + turn);
      aesIv.set(counterIv);
      aesPacket.set(text);
      cipher.crypt(0, text.length);
      expect(aesPacket.slice(0, text.length)).toEqual(cryptByNode(key, counterIv, text));

      const gcmIv = new Uint8Array(12).fill(0xe0 + turn);
      aesIv.set(gcmIv);
      aesPacket.set(text);
      cipher.seal(0, text.length);
      expect(aesPacket.slice(0, text.length + GCM_TAG_BYTES)).toEqual(sealByNode(key, gcmIv, new Uint8Array(0), text));
    }
  });

  it('is what its source compiles to', async () => {
    expect(await readFile(new URL('aes128.wasm.ts', import.meta.url), 'utf8')).toBe(await compileAes128());
  });
});
