import { check, validate } from '@rtcd/boundary';
import { PacketIoError } from '../errors.ts';

/** SRTP protection profiles: AEAD_AES_128_GCM of RFC 7714, and AES_CM_128_HMAC_SHA1_80 of RFC 3711 as named by RFC 5764. */
export type SrtpProfile = 'AEAD_AES_128_GCM' | 'AES_CM_128_HMAC_SHA1_80';

/** Keying material that a DTLS-SRTP handshake exports for one direction: 16 bytes of key, and 12 (GCM) or 14 (AES-CM) bytes of salt. */
export interface SrtpKeys {
  readonly profile: SrtpProfile;
  readonly masterKey: Uint8Array;
  readonly masterSalt: Uint8Array;
}

/** Bytes of the session keys of each profile (RFC 3711 section 8.2, RFC 7714 section 12). An AEAD needs no separate authentication key. */
export const KEY_LENGTHS = {
  AEAD_AES_128_GCM: { key: 16, salt: 12, authKey: 0 },
  AES_CM_128_HMAC_SHA1_80: { key: 16, salt: 14, authKey: 20 },
} as const satisfies Record<SrtpProfile, { key: number; salt: number; authKey: number }>;

const keysCheck = check.object<SrtpKeys>({
  profile: check.oneOf(...Object.keys(KEY_LENGTHS)),
  masterKey: check.bytes,
  masterSalt: check.bytes,
});

/** Throws `PacketIoError` `invalid_keys` unless the profile is known and its key and salt have their lengths. */
export function checkSrtpKeys(keys: SrtpKeys): void {
  validate('keys', keys, keysCheck, (message) => new PacketIoError('invalid_keys', message));
  const { profile, masterKey, masterSalt } = keys;
  const { key, salt } = KEY_LENGTHS[profile];
  if (masterKey.length !== key || masterSalt.length !== salt) {
    throw new PacketIoError(
      'invalid_keys',
      `${profile} requires ${key} bytes of master key and ${salt} of salt, not ${masterKey.length} and ${masterSalt.length}`,
    );
  }
}
