import { Aes128, aesIv, aesPacket } from './aes128.ts';
import { KEY_LENGTHS, type SrtpKeys } from './profile.ts';

/** Session keys for the packets of one protocol in one direction. */
export interface SessionKeys {
  readonly cipherKey: Uint8Array;
  readonly authKey: Uint8Array;
  readonly salt: Uint8Array;
}

/** Labels of RFC 3711 section 4.3.2. */
const RTP_LABELS = { cipherKey: 0, authKey: 1, salt: 2 } as const;
const RTCP_LABELS = { cipherKey: 3, authKey: 4, salt: 5 } as const;

/** Byte of the 112-bit salt that the label falls on: it stands above a 48-bit packet index (RFC 3711 section 4.3.1). */
const LABEL_OFFSET = 7;

/**
 * RFC 3711 section 4.3, with a key derivation rate of 0: keys are derived once. A 96-bit GCM salt is used as if followed by
 * 16 zero bits (RFC 7714 section 11).
 */
export function deriveSessionKeys(keys: SrtpKeys): { rtp: SessionKeys; rtcp: SessionKeys } {
  const lengths = KEY_LENGTHS[keys.profile];
  const masterCipher = new Aes128(keys.masterKey);
  const derive = (labels: { cipherKey: number; authKey: number; salt: number }): SessionKeys => ({
    cipherKey: deriveKey(masterCipher, keys.masterSalt, labels.cipherKey, lengths.key),
    authKey: deriveKey(masterCipher, keys.masterSalt, labels.authKey, lengths.authKey),
    salt: deriveKey(masterCipher, keys.masterSalt, labels.salt, lengths.salt),
  });
  return { rtp: derive(RTP_LABELS), rtcp: derive(RTCP_LABELS) };
}

/** The AES-CM pseudo-random function of RFC 3711 section 4.3.3: `size` bytes of keystream at an IV made of salt and label. */
export function deriveKey(masterCipher: Aes128, masterSalt: Uint8Array, label: number, size: number): Uint8Array {
  aesIv.fill(0).set(masterSalt);
  aesIv[LABEL_OFFSET]! ^= label;
  aesPacket.fill(0, 0, size);
  masterCipher.crypt(0, size);
  return aesPacket.slice(0, size);
}
