import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import {
  type DtlsRecord,
  EPOCH_OFFSET,
  MAX_PLAINTEXT_SIZE,
  RECORD_HEADER_SIZE,
  type RecordFields,
  writeRecordHeader,
} from './record.ts';

const ALGORITHM = 'aes-128-gcm';
export const RECORD_KEY_SIZE = 16;
/** The part of the nonce that both sides derive (RFC 5288 section 3: GenericAEADCipher's salt). */
export const RECORD_SALT_SIZE = 4;
const EXPLICIT_NONCE_SIZE = 8;
const NONCE_SIZE = RECORD_SALT_SIZE + EXPLICIT_NONCE_SIZE;
const TAG_SIZE = 16;
const AAD_SIZE = 13;
const AAD_TYPE_OFFSET = 8;
const AAD_LENGTH_OFFSET = 11;

/** Bytes that a protected record adds to what it carries. */
export const RECORD_OVERHEAD = RECORD_HEADER_SIZE + EXPLICIT_NONCE_SIZE + TAG_SIZE;

/** The additional data of the record in hand. */
const aad = Buffer.alloc(AAD_SIZE);

export interface RecordKeys {
  readonly key: Uint8Array;
  readonly salt: Uint8Array;
}

/** AES_128_GCM for the records of one direction (RFC 5288 section 3, with DTLS's epoch and sequence number as the explicit nonce). */
export class RecordCipher {
  // A KeyObject: handing node:crypto raw bytes costs more than the encryption of a record.
  readonly #key: KeyObject;
  readonly #nonce = Buffer.alloc(NONCE_SIZE);

  constructor(keys: RecordKeys) {
    this.#key = createSecretKey(keys.key);
    this.#nonce.set(keys.salt);
  }

  /** The whole record, header included. */
  seal(fields: RecordFields, payload: Uint8Array): Buffer {
    const record = Buffer.allocUnsafe(RECORD_OVERHEAD + payload.length);
    const explicitNonce = writeRecordHeader(fields, payload.length + EXPLICIT_NONCE_SIZE + TAG_SIZE, record);
    record.copy(record, explicitNonce, EPOCH_OFFSET, EPOCH_OFFSET + EXPLICIT_NONCE_SIZE);
    record.copy(this.#nonce, RECORD_SALT_SIZE, explicitNonce, explicitNonce + EXPLICIT_NONCE_SIZE);

    const cipher = createCipheriv(ALGORITHM, this.#key, this.#nonce);
    cipher.setAAD(additionalData(record, payload.length));
    cipher.update(payload).copy(record, explicitNonce + EXPLICIT_NONCE_SIZE);
    cipher.final();
    cipher.getAuthTag().copy(record, record.length - TAG_SIZE);
    return record;
  }

  /** Decrypts a record; undefined if it is not from the holder of the key. The result is owned by the caller. */
  open(record: DtlsRecord): Buffer | undefined {
    const size = record.payload.length - EXPLICIT_NONCE_SIZE - TAG_SIZE;
    if (size < 0 || size > MAX_PLAINTEXT_SIZE) return undefined;
    record.payload.copy(this.#nonce, RECORD_SALT_SIZE, 0, EXPLICIT_NONCE_SIZE);

    const decipher = createDecipheriv(ALGORITHM, this.#key, this.#nonce);
    decipher.setAAD(additionalData(record.header, size));
    decipher.setAuthTag(record.payload.subarray(EXPLICIT_NONCE_SIZE + size));
    const plain = decipher.update(record.payload.subarray(EXPLICIT_NONCE_SIZE, EXPLICIT_NONCE_SIZE + size));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return plain;
  }
}

/** epoch, sequence number, type, version, plain length (RFC 5246 section 6.2.3.3) */
function additionalData(header: Buffer, length: number): Buffer {
  header.copy(aad, 0, EPOCH_OFFSET, EPOCH_OFFSET + AAD_TYPE_OFFSET);
  header.copy(aad, AAD_TYPE_OFFSET, 0, EPOCH_OFFSET);
  aad.writeUInt16BE(length, AAD_LENGTH_OFFSET);
  return aad;
}
