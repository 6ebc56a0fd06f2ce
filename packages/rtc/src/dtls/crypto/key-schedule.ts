import { createSecretKey, type KeyObject } from 'node:crypto';
import type { SrtpKeys, SrtpProfile } from '@rtcd/packet-io';
import { ByteReader } from '../byte-reader.ts';
import { RECORD_KEY_SIZE, RECORD_SALT_SIZE, type RecordKeys } from '../record/record-cipher.ts';
import { prf } from './prf.ts';
import { SRTP_PROFILES } from './srtp-profile.ts';

const MASTER_SECRET_SIZE = 48;
export const VERIFY_DATA_SIZE = 12;

/** The hello randoms, 32 bytes each. */
export interface Randoms {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
}

/** One value per direction, named by the writer. */
export interface BySide<T> {
  readonly client: T;
  readonly server: T;
}

/** RFC 7627 section 4. `sessionHash` covers all messages up to and with ClientKeyExchange. */
export function extendedMasterSecret(premasterSecret: Uint8Array, sessionHash: Uint8Array): KeyObject {
  const premaster = createSecretKey(premasterSecret);
  return createSecretKey(prf(premaster, 'extended master secret', sessionHash, MASTER_SECRET_SIZE));
}

/** RFC 5246 section 6.3, for an AEAD suite: two keys, two salts, no MAC keys. */
export function deriveRecordKeys(master: KeyObject, randoms: Randoms): BySide<RecordKeys> {
  const seed = Buffer.concat([randoms.server, randoms.client]);
  return splitKeys(prf(master, 'key expansion', seed, 2 * (RECORD_KEY_SIZE + RECORD_SALT_SIZE)), RECORD_KEY_SIZE);
}

/** RFC 5246 section 7.4.9 */
export function finishedVerifyData(master: KeyObject, side: keyof BySide<never>, transcriptHash: Uint8Array): Buffer {
  return prf(master, `${side} finished`, transcriptHash, VERIFY_DATA_SIZE);
}

/** The SRTP keys of both directions (RFC 5764 section 4.2, exported as in RFC 5705 section 4 without a context). */
export function exportSrtpKeys(master: KeyObject, randoms: Randoms, profile: SrtpProfile): BySide<SrtpKeys> {
  const { keySize, saltSize } = SRTP_PROFILES[profile];
  const seed = Buffer.concat([randoms.client, randoms.server]);
  const keys = splitKeys(prf(master, 'EXTRACTOR-dtls_srtp', seed, 2 * (keySize + saltSize)), keySize);
  const named = ({ key, salt }: RecordKeys): SrtpKeys => ({ profile, masterKey: key, masterSalt: salt });
  return { client: named(keys.client), server: named(keys.server) };
}

/** client key, server key, client salt, server salt: both key blocks are laid out so. */
function splitKeys(block: Buffer, keySize: number): BySide<RecordKeys> {
  const reader = new ByteReader(block);
  const saltSize = block.length / 2 - keySize;
  const clientKey = reader.bytes(keySize);
  const serverKey = reader.bytes(keySize);
  return {
    client: { key: clientKey, salt: reader.bytes(saltSize) },
    server: { key: serverKey, salt: reader.bytes(saltSize) },
  };
}
