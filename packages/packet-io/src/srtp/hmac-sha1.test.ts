import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '../../test/vectors/hex.ts';
import { HmacSha1 } from './hmac-sha1.ts';

const text = (value: string) => new TextEncoder().encode(value);

/** RFC 2202 section 3, those test cases whose key fits into a block. */
const rfc2202 = [
  { key: new Uint8Array(20).fill(0x0b), data: text('Hi There'), digest: 'b617318655057264e28bc0b6fb378c8ef146be00' },
  { key: text('Jefe'), data: text('what do ya want for nothing?'), digest: 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79' },
  {
    key: new Uint8Array(20).fill(0xaa),
    data: new Uint8Array(50).fill(0xdd),
    digest: '125d7342b9ac11cd91a39af48aa17b4f63f175d3',
  },
  {
    key: hex('0102030405060708090a0b0c0d0e0f10111213141516171819'),
    data: new Uint8Array(50).fill(0xcd),
    digest: '4c9007f4026250c6bc8414f9bf50c86c2d7235da',
  },
];

describe('HMAC-SHA1', () => {
  for (const { key, data, digest } of rfc2202) {
    it(`gives ${digest.slice(0, 8)}… of RFC 2202`, () => {
      expect(Buffer.from(new HmacSha1(key).digest(data, data.length)).toString('hex')).toBe(digest);
    });
  }

  it('agrees with node:crypto at every length over three blocks, with and without a suffix', () => {
    const key = new Uint8Array(20).fill(7);
    const suffix = hex('01020304');
    const mac = new HmacSha1(key);
    for (let length = 0; length <= 3 * 64; length++) {
      const message = Uint8Array.from({ length }, (_, i) => i * 3);
      const reference = (...parts: Uint8Array[]) => createHmac('sha1', key).update(Buffer.concat(parts)).digest();
      expect(Buffer.from(mac.digest(message, length))).toEqual(reference(message));
      expect(Buffer.from(mac.digest(message, length, suffix))).toEqual(reference(message, suffix));
    }
  });

  it('agrees with node:crypto on any key, message and suffix', () => {
    const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
    fc.assert(
      fc.property(bytes(64), bytes(2048), bytes(4), (key, message, suffix) => {
        const expected = createHmac('sha1', key).update(message).update(suffix).digest();
        expect(Buffer.from(new HmacSha1(key).digest(message, message.length, suffix))).toEqual(expected);
      }),
    );
  });
});
