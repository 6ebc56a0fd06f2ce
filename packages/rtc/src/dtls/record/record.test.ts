import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DATAGRAMS } from '../../../test/vectors/openssl-dtls12.ts';
import { ContentType, DTLS_1_0, DTLS_1_2, parseRecords, RECORD_HEADER_SIZE, writePlainRecord } from './record.ts';

describe('parseRecords', () => {
  it("reads openssl's datagrams", () => {
    const summary = parseRecords(DATAGRAMS.clientFlight).map(({ contentType, epoch, sequence, payload }) => [
      contentType,
      epoch,
      sequence,
      payload.length,
    ]);
    expect(summary).toEqual([
      [ContentType.handshake, 0, 2, 386],
      [ContentType.handshake, 0, 3, 45],
      [ContentType.handshake, 0, 4, 86],
      [ContentType.changeCipherSpec, 0, 5, 1],
      [ContentType.handshake, 1, 0, 48],
    ]);
    expect(parseRecords(DATAGRAMS.clientHello)[0]!.version).toBe(DTLS_1_0);
  });

  it('reads back what was written', () => {
    const fields = { contentType: ContentType.applicationData, epoch: 1, sequence: 2 ** 48 - 1 };
    const [record, ...rest] = parseRecords(writePlainRecord(fields, Buffer.from('payload')));
    expect(record).toMatchObject({ ...fields, version: DTLS_1_2 });
    expect(record!.payload.toString()).toBe('payload');
    expect(rest).toEqual([]);
  });

  it('stops at a truncated record', () => {
    const first = writePlainRecord({ contentType: ContentType.handshake, epoch: 0, sequence: 0 }, Buffer.alloc(20));
    const both = Buffer.concat([first, first]);
    for (let size = 0; size < both.length; size++) {
      expect(parseRecords(both.subarray(0, size))).toHaveLength(size < first.length ? 0 : 1);
    }
  });

  it('stops at a version of something else, and at a length that no record has', () => {
    const good = writePlainRecord({ contentType: ContentType.handshake, epoch: 0, sequence: 0 }, Buffer.alloc(4));
    const tls = Buffer.concat([good, good]);
    tls.writeUInt16BE(0x0303, good.length + 1);
    expect(parseRecords(tls)).toHaveLength(1);

    const huge = Buffer.alloc(RECORD_HEADER_SIZE + 0xffff);
    good.copy(huge);
    huge.writeUInt16BE(0xffff, 11);
    expect(parseRecords(huge)).toEqual([]);
  });

  it('never reads outside of the datagram', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const size = parseRecords(bytes).reduce((sum, { payload }) => sum + RECORD_HEADER_SIZE + payload.length, 0);
        expect(size).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});
