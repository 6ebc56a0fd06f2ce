import { ContentType, type DtlsRecord, writePlainRecord } from './record.ts';
import { RecordCipher, type RecordKeys } from './record-cipher.ts';
import { ReplayWindow } from './replay-window.ts';

/** Counts of what a connection has dropped. Counts of records, but for `bufferedBytes`. */
export interface DtlsStats {
  recordsReceived: number;
  /** Datagrams with something in them that is not a whole record. */
  recordsMalformed: number;
  /** Failed authentication, or of an epoch that does not exist. */
  recordsForged: number;
  /** Seen before, or older than the replay window. */
  recordsReplayed: number;
  /** In plain text where only a protected record counts, or authentic but out of place. */
  recordsIgnored: number;
  /** Handshake messages that were malformed, out of place, or failed verification. */
  messagesRejected: number;
  /** Flights sent again, by timer or because the peer asked. */
  flightsResent: number;
  /** Application data asked to be sent while there was no connection. */
  sendsDropped: number;
}

export function newDtlsStats(): DtlsStats {
  return {
    recordsReceived: 0,
    recordsMalformed: 0,
    recordsForged: 0,
    recordsReplayed: 0,
    recordsIgnored: 0,
    messagesRejected: 0,
    flightsResent: 0,
    sendsDropped: 0,
  };
}

interface Protection {
  readonly read: RecordCipher;
  readonly write: RecordCipher;
  readonly replay: ReplayWindow;
  sequence: number;
}

/** Epochs 0 (plain) and 1 (protected) of one connection. There is no epoch 2: renegotiation is not supported. */
export class RecordLayer {
  readonly #stats: DtlsStats;
  /** Sequence number of the next record in plain text. */
  plainSequence = 0;
  #protection: Protection | undefined;

  constructor(stats: DtlsStats) {
    this.#stats = stats;
  }

  protect(keys: { readonly read: RecordKeys; readonly write: RecordKeys }): void {
    this.#protection = {
      read: new RecordCipher(keys.read),
      write: new RecordCipher(keys.write),
      replay: new ReplayWindow(),
      sequence: 0,
    };
  }

  /** Decrypts an epoch 1 record; undefined (and counted) if it is not new and authentic. */
  open(record: DtlsRecord): Buffer | undefined {
    if (this.#protection === undefined || record.epoch !== 1) {
      this.#stats.recordsForged++;
      return undefined;
    }
    if (!this.#protection.replay.isFresh(record.sequence)) {
      this.#stats.recordsReplayed++;
      return undefined;
    }
    const plain = this.#protection.read.open(record);
    if (plain === undefined) this.#stats.recordsForged++;
    else this.#protection.replay.mark(record.sequence);
    return plain;
  }

  write(epoch: 0 | 1, contentType: ContentType, payload: Uint8Array): Buffer {
    if (epoch === 0) return writePlainRecord({ contentType, epoch, sequence: this.plainSequence++ }, payload);
    if (this.#protection === undefined) throw new Error('cannot write a protected record before the keys are set');
    return this.#protection.write.seal({ contentType, epoch, sequence: this.#protection.sequence++ }, payload);
  }
}

export const CHANGE_CIPHER_SPEC = {
  epoch: 0,
  contentType: ContentType.changeCipherSpec,
  payload: Buffer.of(1),
} as const;
