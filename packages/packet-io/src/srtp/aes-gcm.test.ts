import { createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AesGcm, GCM_TAG_BYTES, gcmIv, SHORT_TEXT_BYTES } from './aes-gcm.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('AES-GCM', () => {
  it('seals short texts with the very bytes that node:crypto gives', () => {
    fc.assert(
      fc.property(exactly(16), exactly(12), bytes(100), bytes(SHORT_TEXT_BYTES), (key, iv, aad, text) => {
        const gcm = new AesGcm(createSecretKey(key));
        const expected = new Uint8Array(aad.length + text.length + GCM_TAG_BYTES);
        const short = expected.slice();
        expected.set(aad);
        short.set(aad);
        gcmIv.set(iv);
        gcm.seal(aad, text, expected, aad.length);
        gcm.sealShort(aad.length, 0, text, 0, text.length, short);
        expect(short).toEqual(expected);
      }),
    );
  });

  it('opens short texts that node:crypto sealed, in place, and leaves forged ones as they were', () => {
    fc.assert(
      fc.property(
        exactly(16),
        exactly(12),
        bytes(100),
        bytes(SHORT_TEXT_BYTES),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (key, iv, aad, text, place, change) => {
          const gcm = new AesGcm(createSecretKey(key));
          const packet = new Uint8Array(aad.length + text.length + GCM_TAG_BYTES);
          packet.set(aad);
          gcmIv.set(iv);
          gcm.seal(aad, text, packet, aad.length);
          const end = packet.length - GCM_TAG_BYTES;

          const forged = packet.slice();
          forged[place % forged.length]! ^= change;
          const untouched = forged.slice();
          expect(gcm.openShort(forged.slice(0, aad.length), forged, aad.length, end)).toBe(false);
          expect(forged).toEqual(untouched);

          expect(gcm.openShort(aad, packet, aad.length, end)).toBe(true);
          expect(packet.slice(aad.length, end)).toEqual(text);
        },
      ),
    );
  });

  it('opens what it sealed, and leaves everything else as it was', () => {
    const gcm = new AesGcm(createSecretKey(new Uint8Array(16).fill(1)));
    const aad = Uint8Array.of(1, 2, 3);
    const text = Uint8Array.of(4, 5, 6, 7);
    const sealed = new Uint8Array(text.length + GCM_TAG_BYTES);
    gcmIv.fill(9);
    gcm.seal(aad, text, sealed, 0);
    const ciphertext = sealed.slice(0, text.length);
    const tag = sealed.slice(text.length);

    const untouched = ciphertext.slice();
    expect(gcm.open(Uint8Array.of(1, 2, 4), untouched, tag)).toBe(false);
    expect(untouched).toEqual(ciphertext);

    expect(gcm.open(aad, ciphertext, tag)).toBe(true);
    expect(ciphertext).toEqual(text);
  });
});
