import { createCipheriv, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AesCmTransform } from './aes-cm-transform.ts';
import { AesGcmTransform } from './aes-gcm-transform.ts';
import { MAX_PACKET_BYTES } from './limits.ts';

/** The RFCs' formulas, written down once more with big integers and whole buffers, and node:crypto for the rest. */

interface Keys {
  readonly cipherKey: Uint8Array;
  readonly authKey: Uint8Array;
  readonly salt: Uint8Array;
}

function toBytes(value: bigint, size: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * size, '0'), 'hex');
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/** RFC 3711 sections 4.1.1 and 4.2, with `trailer` being what the tag covers after the packet. */
function aesCm(
  { cipherKey, authKey, salt }: Keys,
  head: Uint8Array,
  text: Uint8Array,
  ssrc: bigint,
  index: bigint,
  trailer: Buffer,
) {
  const iv = (toBigInt(salt) << 16n) ^ (ssrc << 64n) ^ (index << 16n);
  const ciphertext = createCipheriv('aes-128-ctr', cipherKey, toBytes(iv, 16)).update(text);
  const body = Buffer.concat([head, ciphertext]);
  const tag = createHmac('sha1', authKey).update(body).update(trailer).digest().subarray(0, 10);
  return { body, tag };
}

/** RFC 7714 sections 8 and 9. */
function aesGcm({ cipherKey, salt }: Keys, aad: Uint8Array, text: Uint8Array, ssrc: bigint, index: bigint) {
  const iv = toBigInt(salt) ^ (ssrc << 48n) ^ index;
  const cipher = createCipheriv('aes-128-gcm', cipherKey, toBytes(iv, 12)).setAAD(aad);
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });
const anyKeys = (saltBytes: number) => fc.record({ cipherKey: bytes(16), authKey: bytes(20), salt: bytes(saltBytes) });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const anyText = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ minLength: 350, maxLength: 1400 }));
/** A payload as the caller gives it, in two parts. */
interface Text {
  readonly prefix: Uint8Array;
  readonly payload: Uint8Array;
}
const anyPrefix = fc.oneof(fc.constant(new Uint8Array(0)), fc.uint8Array({ maxLength: 40 }));
const anySplitText = fc.record({ prefix: anyPrefix, payload: anyText });
const anyHeader = fc.tuple(bytes(12), fc.integer({ min: 0, max: 5 })).map(([fixed, csrcs]) => {
  const header = new Uint8Array(12 + 4 * csrcs);
  header.set(fixed);
  header[0] = 0x80 | csrcs;
  return header;
});

const whole = ({ prefix, payload }: Text) => Buffer.concat([prefix, payload]);

const out = new Uint8Array(MAX_PACKET_BYTES);

function protectRtp(
  transform: AesCmTransform | AesGcmTransform,
  header: Uint8Array,
  { prefix, payload }: Text,
  rolloverCounter: number,
) {
  const arena = Buffer.concat([payload, header, prefix]);
  const length = transform.protectRtp(
    arena,
    payload.length,
    header.length,
    prefix.length,
    0,
    payload.length,
    rolloverCounter,
    out,
  );
  return Buffer.from(out.subarray(0, length));
}

function rtpIds(header: Uint8Array, rolloverCounter: number) {
  const view = new DataView(header.buffer);
  return { ssrc: BigInt(view.getUint32(8)), index: (BigInt(rolloverCounter) << 16n) | BigInt(view.getUint16(2)) };
}

describe('AES_CM_128_HMAC_SHA1_80 by the book', () => {
  it('protects any RTP packet in any cycle', () => {
    fc.assert(
      fc.property(anyKeys(14), anyHeader, anySplitText, uint32, (keys, header, text, rolloverCounter) => {
        const { ssrc, index } = rtpIds(header, rolloverCounter);
        const { body, tag } = aesCm(keys, header, whole(text), ssrc, index, toBytes(BigInt(rolloverCounter), 4));
        const transform = new AesCmTransform(keys, keys);
        expect(protectRtp(transform, header, text, rolloverCounter)).toEqual(Buffer.concat([body, tag]));
      }),
    );
  });

  it('protects any RTCP packet under any index', () => {
    fc.assert(
      fc.property(anyKeys(14), bytes(8), anyText, uint32, (keys, head, text, word) => {
        const index = word & 0x7fff_ffff;
        const trailer = toBytes(0x8000_0000n | BigInt(index), 4);
        const { body, tag } = aesCm(keys, head, text, toBigInt(head.subarray(4)), BigInt(index), trailer);
        const length = new AesCmTransform(keys, keys).protectRtcp(Buffer.concat([head, text]), index, out);
        expect(Buffer.from(out.subarray(0, length))).toEqual(Buffer.concat([body, trailer, tag]));
      }),
    );
  });
});

describe('AEAD_AES_128_GCM by the book', () => {
  it('protects any RTP packet in any cycle', () => {
    fc.assert(
      fc.property(anyKeys(12), anyHeader, anySplitText, uint32, (keys, header, text, rolloverCounter) => {
        const { ssrc, index } = rtpIds(header, rolloverCounter);
        const sealed = aesGcm(keys, header, whole(text), ssrc, index);
        const transform = new AesGcmTransform(keys, keys);
        expect(protectRtp(transform, header, text, rolloverCounter)).toEqual(Buffer.concat([header, sealed]));
      }),
    );
  });

  it('protects any RTCP packet under any index', () => {
    fc.assert(
      fc.property(anyKeys(12), bytes(8), anyText, uint32, (keys, head, text, word) => {
        const index = word & 0x7fff_ffff;
        const trailer = toBytes(0x8000_0000n | BigInt(index), 4);
        const aad = Buffer.concat([head, trailer]);
        const sealed = aesGcm(keys, aad, text, toBigInt(head.subarray(4)), BigInt(index));
        const length = new AesGcmTransform(keys, keys).protectRtcp(Buffer.concat([head, text]), index, out);
        expect(Buffer.from(out.subarray(0, length))).toEqual(Buffer.concat([head, sealed, trailer]));
      }),
    );
  });
});
