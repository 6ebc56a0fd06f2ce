import { describe, expect, it } from 'vitest';
import { keyDerivation } from '../../test/vectors/rfc3711.ts';
import { Aes128 } from './aes128.ts';
import { deriveKey, deriveSessionKeys } from './key-derivation.ts';

const { masterKey, masterSalt, cipherKey, salt, authKey } = keyDerivation;

describe('key derivation of RFC 3711', () => {
  it('gives the session keys of appendix B.3', () => {
    const { rtp } = deriveSessionKeys({ profile: 'AES_CM_128_HMAC_SHA1_80', masterKey, masterSalt });
    expect(rtp).toEqual({ cipherKey, salt, authKey: authKey.slice(0, 20) });
  });

  it('continues for keys of several blocks', () => {
    expect(deriveKey(new Aes128(masterKey), masterSalt, 1, authKey.length)).toEqual(authKey);
  });

  it('gives RTP and RTCP keys with nothing in common', () => {
    const { rtp, rtcp } = deriveSessionKeys({ profile: 'AES_CM_128_HMAC_SHA1_80', masterKey, masterSalt });
    expect(rtcp.cipherKey).not.toEqual(rtp.cipherKey);
    expect(rtcp.authKey).not.toEqual(rtp.authKey);
    expect(rtcp.salt).not.toEqual(rtp.salt);
  });

  it('treats the 96-bit salt of GCM as if zeros followed, and derives no authentication key', () => {
    const gcmSalt = masterSalt.slice(0, 12);
    const padded = Uint8Array.from([...gcmSalt, 0, 0]);
    const { rtp } = deriveSessionKeys({ profile: 'AEAD_AES_128_GCM', masterKey, masterSalt: gcmSalt });
    expect(rtp.salt).toEqual(deriveKey(new Aes128(masterKey), padded, 2, 12));
    expect(rtp.authKey).toHaveLength(0);
  });
});
