/** SRTP protection profiles: AEAD_AES_128_GCM of RFC 7714, and AES_CM_128_HMAC_SHA1_80 of RFC 3711 as named by RFC 5764. */
export type SrtpProfile = 'AEAD_AES_128_GCM' | 'AES_CM_128_HMAC_SHA1_80';

/** What a DTLS-SRTP handshake exports for one direction: 16 bytes of key, and 12 (GCM) or 14 (AES-CM) bytes of salt. */
export interface SrtpKeys {
  readonly profile: SrtpProfile;
  readonly masterKey: Uint8Array;
  readonly masterSalt: Uint8Array;
}
