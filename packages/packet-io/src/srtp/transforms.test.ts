import { describe, expect, it } from 'vitest';
import { aesCmKeystream } from '../../test/vectors/rfc3711.ts';
import { rtcp, rtp, sessionKeys } from '../../test/vectors/rfc7714.ts';
import { AesCmTransform } from './aes-cm-transform.ts';
import { AesGcmTransform } from './aes-gcm-transform.ts';
import { MAX_PACKET_BYTES } from './limits.ts';

const out = new Uint8Array(MAX_PACKET_BYTES);

describe('AEAD_AES_128_GCM', () => {
  const transform = new AesGcmTransform(sessionKeys, sessionKeys);

  it('protects the RTP packet of RFC 7714 section 16.1.1', () => {
    const { plain, headerLength, rolloverCounter } = rtp;
    const payloadLength = plain.length - headerLength;
    const length = transform.protectRtp(plain, 0, headerLength, 0, headerLength, payloadLength, rolloverCounter, out);
    expect(out.slice(0, length)).toEqual(rtp.protected);
  });

  it('unprotects the RTP packet of RFC 7714 section 16.1.2', () => {
    const packet = rtp.protected.slice();
    expect(transform.unprotectRtp(packet, rtp.headerLength, rtp.rolloverCounter)).toBe(rtp.plain.length);
    expect(packet.slice(0, rtp.plain.length)).toEqual(rtp.plain);
  });

  it('protects the RTCP packet of RFC 7714 section 17.1', () => {
    const length = transform.protectRtcp(rtcp.plain, rtcp.index, out);
    expect(out.slice(0, length)).toEqual(rtcp.protected);
  });

  it('unprotects the RTCP packet of RFC 7714 section 17.2', () => {
    const packet = rtcp.protected.slice();
    expect(transform.unprotectRtcp(packet)).toBe(rtcp.plain.length);
    expect(packet.slice(0, rtcp.plain.length)).toEqual(rtcp.plain);
  });
});

describe('AES_CM_128_HMAC_SHA1_80', () => {
  it('encrypts with the keystream of RFC 3711 appendix B.2', () => {
    const { cipherKey, salt, firstBlocks } = aesCmKeystream;
    const keys = { cipherKey, salt, authKey: new Uint8Array(20) };
    const zeros = new Uint8Array(12 + firstBlocks.length);
    new AesCmTransform(keys, keys).protectRtp(zeros, 0, 12, 0, 12, firstBlocks.length, 0, out);
    expect(out.slice(12, 12 + firstBlocks.length)).toEqual(firstBlocks);
  });
});
