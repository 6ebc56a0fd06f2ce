import type { SrtpProfile } from '@rtcd/packet-io';

interface SrtpProfileSizes {
  /** RFC 5764 section 4.1.2, RFC 7714 section 14.2 */
  readonly codePoint: number;
  readonly keySize: number;
  readonly saltSize: number;
}

/** In the order in which the server prefers them: AEAD is the cheaper and the stronger. */
export const SRTP_PROFILES: Readonly<Record<SrtpProfile, SrtpProfileSizes>> = {
  AEAD_AES_128_GCM: { codePoint: 0x0007, keySize: 16, saltSize: 12 },
  AES_CM_128_HMAC_SHA1_80: { codePoint: 0x0001, keySize: 16, saltSize: 14 },
};

export const SRTP_PROFILE_PREFERENCE: readonly SrtpProfile[] = ['AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80'];

/** The profile with that code point, if it is one of ours. */
export function srtpProfile(codePoint: number): SrtpProfile | undefined {
  return SRTP_PROFILE_PREFERENCE.find((profile) => SRTP_PROFILES[profile].codePoint === codePoint);
}
