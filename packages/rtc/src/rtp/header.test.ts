import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtpHeader, RtpPacket } from 'werift';
import {
  markerOf,
  paddingLengthOf,
  payloadTypeOf,
  RTP_HEADER_SIZE,
  rtpHeaderLength,
  sequenceNumberOf,
  ssrcOf,
  timestampOf,
  writeRtpHeader,
} from './header.ts';

const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
const fields = fc.record({
  marker: fc.boolean(),
  payloadType: uint(7),
  sequenceNumber: uint(16),
  timestamp: uint(32),
  ssrc: uint(32),
});

/** Two CSRCs, a one-byte extension block of one word, 5 bytes of payload, 3 of padding. */
const FULL = Buffer.from(
  'b2ef0102030405060708090a 11111111 22222222 bede0001 10ff0000 6162636465 000003'.replaceAll(' ', ''),
  'hex',
);

describe('an RTP header', () => {
  it('is read in place', () => {
    expect(rtpHeaderLength(FULL)).toBe(28);
    expect(paddingLengthOf(FULL)).toBe(3);
    expect(markerOf(FULL)).toBe(true);
    expect(payloadTypeOf(FULL)).toBe(111);
    expect(sequenceNumberOf(FULL)).toBe(0x0102);
    expect(timestampOf(FULL)).toBe(0x03040506);
    expect(ssrcOf(FULL)).toBe(0x0708090a);
  });

  it('is refused when it is truncated anywhere', () => {
    for (let length = 0; length < 28; length++) expect(rtpHeaderLength(FULL.subarray(0, length))).toBe(-1);
  });

  it.each([
    ['version 1', '40 6f 0001 00000002 00000003'],
    ['version 3', 'c0 6f 0001 00000002 00000003'],
    ['more CSRCs than bytes', '81 6f 0001 00000002 00000003'],
    ['an extension longer than the packet', '90 6f 0001 00000002 00000003 bede 0002 10000000'],
    ['padding of no byte', 'a0 6f 0001 00000002 00000003 6100'],
    ['padding that reaches into the header', 'a0 6f 0001 00000002 00000003 6103'],
    ['padding without a byte behind the header', 'a0 6f 0001 00000002 00000003'],
  ])('with %s is refused', (_, hex) => {
    expect(rtpHeaderLength(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toBe(-1);
  });

  it('may be followed by padding alone, and by nothing', () => {
    expect(rtpHeaderLength(Buffer.from('a06f000100000002000000030002', 'hex'))).toBe(12);
    expect(rtpHeaderLength(Buffer.from('806f00010000000200000003', 'hex'))).toBe(12);
  });

  it('is written as another implementation reads it', () => {
    fc.assert(
      fc.property(fields, (expected) => {
        const out = Buffer.alloc(RTP_HEADER_SIZE + 3, 0xff);
        expect(writeRtpHeader(out, 3, expected)).toBe(15);
        const { header } = RtpPacket.deSerialize(out.subarray(3));
        expect(header).toMatchObject({ ...expected, version: 2, padding: false, extension: false, csrcLength: 0 });
      }),
    );
  });

  it('is read as another implementation writes it', () => {
    fc.assert(
      fc.property(
        fields,
        fc.array(uint(32), { maxLength: 15 }),
        fc.uint8Array({ maxLength: 20 }),
        (of, csrc, payload) => {
          const header = new RtpHeader({ ...of, csrc, csrcLength: csrc.length });
          const packet = new RtpPacket(header, Buffer.from(payload)).serialize();
          expect(rtpHeaderLength(packet)).toBe(12 + 4 * csrc.length);
          expect({
            marker: markerOf(packet),
            payloadType: payloadTypeOf(packet),
            sequenceNumber: sequenceNumberOf(packet),
            timestamp: timestampOf(packet),
            ssrc: ssrcOf(packet),
          }).toEqual(of);
        },
      ),
    );
  });

  it('never claims more than the packet holds', () => {
    const packets = fc
      .uint8Array({ maxLength: 100 })
      .map((bytes) => Buffer.from([0x80 | (bytes[0]! & 0x3f), ...bytes]));
    fc.assert(
      fc.property(packets, (packet) => {
        const length = rtpHeaderLength(packet);
        if (length < 0) return;
        expect(length + paddingLengthOf(packet)).toBeLessThanOrEqual(packet.length);
      }),
      { numRuns: 500 },
    );
  });
});
