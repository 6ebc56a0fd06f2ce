import { AesCmTransform } from './aes-cm-transform.ts';
import { AesGcmTransform } from './aes-gcm-transform.ts';
import { deriveSessionKeys } from './key-derivation.ts';
import { checkSrtpKeys, type SrtpKeys } from './profile.ts';
import type { SrtpTransform } from './transform.ts';

/** Throws `PacketIoError` `invalid_keys`. The keys are not kept. */
export function createTransform(keys: SrtpKeys): SrtpTransform {
  checkSrtpKeys(keys);
  const { rtp, rtcp } = deriveSessionKeys(keys);
  switch (keys.profile) {
    case 'AEAD_AES_128_GCM':
      return new AesGcmTransform(rtp, rtcp);
    case 'AES_CM_128_HMAC_SHA1_80':
      return new AesCmTransform(rtp, rtcp);
    default:
      return keys.profile satisfies never;
  }
}
