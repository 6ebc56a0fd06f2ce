import { asBuffer } from '../byte-reader.ts';

/** RFC 5246 section 6.2.1 */
export const ContentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;
export type ContentType = (typeof ContentType)[keyof typeof ContentType];

/** Versions are ones' complement, so that a higher version is a lower number (RFC 6347 section 4.1). */
export const DTLS_1_0 = 0xfeff;
export const DTLS_1_2 = 0xfefd;

export const RECORD_HEADER_SIZE = 13;
/** Types of records that may be plain (RFC 5246 section 6.2.1). */
export const MAX_PLAINTEXT_SIZE = 2 ** 14;
/** Types of records that may be encrypted (RFC 5246 section 6.2.3). */
const MAX_CIPHERTEXT_SIZE = MAX_PLAINTEXT_SIZE + 2048;

const VERSION_OFFSET = 1;
export const EPOCH_OFFSET = 3;
const SEQUENCE_OFFSET = 5;
const SEQUENCE_SIZE = 6;
const LENGTH_OFFSET = 11;

/** One record as it came, nothing of it verified. */
export interface DtlsRecord {
  readonly contentType: number;
  readonly version: number;
  readonly epoch: number;
  /** 48 bits. */
  readonly sequence: number;
  /** The 13 bytes of the header; a view into the datagram. */
  readonly header: Buffer;
  /** A view into the datagram. */
  readonly payload: Buffer;
}

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Content Type  |            Version            |     Epoch     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Epoch (low)  |           Sequence Number (48 bits)           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |            Sequence Number (low)              |    Length     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Length (low)  |                  Payload                    ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/**
 * The records of a datagram (RFC 6347 section 4.1). Reading ends at the first thing that is not a whole record: what
 * follows it cannot be found (RFC 6347 section 4.1.2.7 has it discarded in silence).
 */
export function parseRecords(datagram: Uint8Array): DtlsRecord[] {
  const bytes = asBuffer(datagram);
  const records: DtlsRecord[] = [];
  for (let offset = 0; bytes.length - offset >= RECORD_HEADER_SIZE; ) {
    const header = bytes.subarray(offset, offset + RECORD_HEADER_SIZE);
    const version = header.readUInt16BE(VERSION_OFFSET);
    const length = header.readUInt16BE(LENGTH_OFFSET);
    const start = offset + RECORD_HEADER_SIZE;
    if (version !== DTLS_1_2 && version !== DTLS_1_0) break;
    if (length > MAX_CIPHERTEXT_SIZE || length > bytes.length - start) break;
    records.push({
      contentType: header[0]!,
      version,
      epoch: header.readUInt16BE(EPOCH_OFFSET),
      sequence: header.readUIntBE(SEQUENCE_OFFSET, SEQUENCE_SIZE),
      header,
      payload: bytes.subarray(start, start + length),
    });
    offset = start + length;
  }
  return records;
}

export type RecordFields = Pick<DtlsRecord, 'contentType' | 'epoch' | 'sequence'> & { readonly version?: number };

/** Writes the header of a record that carries `length` bytes. Returns its size. */
export function writeRecordHeader(fields: RecordFields, length: number, out: Buffer): number {
  out[0] = fields.contentType;
  out.writeUInt16BE(fields.version ?? DTLS_1_2, VERSION_OFFSET);
  out.writeUInt16BE(fields.epoch, EPOCH_OFFSET);
  out.writeUIntBE(fields.sequence, SEQUENCE_OFFSET, SEQUENCE_SIZE);
  out.writeUInt16BE(length, LENGTH_OFFSET);
  return RECORD_HEADER_SIZE;
}

/** A record with its payload in plain. */
export function writePlainRecord(fields: RecordFields, payload: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(RECORD_HEADER_SIZE + payload.length);
  record.set(payload, writeRecordHeader(fields, payload.length, record));
  return record;
}
