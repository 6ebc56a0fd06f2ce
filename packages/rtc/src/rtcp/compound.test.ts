import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  GenericNack,
  PictureLossIndication,
  ReceiverEstimatedMaxBitrate,
  RtcpPacketConverter,
  RtcpReceiverInfo,
  RtcpRrPacket,
  RtcpSenderInfo,
  type RtcpSourceDescriptionPacket,
  RtcpSrPacket,
  RtcpTransportLayerFeedback,
} from 'werift';
import { type RtcpVisitor, visitRtcp } from './compound.ts';
import { writeFullIntraRequest, writeNack, writePictureLoss } from './feedback.ts';
import { MAX_COUNT } from './packet.ts';
import { writeRemb } from './remb.ts';
import { type ReportBlock, type SenderInfo, writeReceiverReport, writeSenderReport } from './report.ts';
import { writeSourceDescription } from './source.ts';

const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
const senderInfo: fc.Arbitrary<SenderInfo> = fc.record({
  ntp: fc.record({ seconds: uint(32), fraction: uint(32) }),
  timestamp: uint(32),
  packets: uint(32),
  octets: uint(32),
});
const reportBlock: fc.Arbitrary<ReportBlock> = fc.record({
  ssrc: uint(32),
  fractionLost: uint(8),
  cumulativeLost: fc.integer({ min: -0x800000, max: 0x7fffff }),
  extendedHighestSequence: uint(32),
  jitterTicks: uint(32),
  lastSenderReport: uint(32),
  delaySinceLastSenderReport: uint(32),
});
const reportBlocks = fc.array(reportBlock, { maxLength: MAX_COUNT });

type Told = [event: string, ...values: unknown[]];

function visit(compound: Buffer): { wellFormed: boolean; told: Told[] } {
  const told: Told[] = [];
  const visitor: Required<RtcpVisitor> = {
    onSenderReport: (ssrc, info) => told.push(['sr', ssrc, info]),
    onReportBlock: (block) => told.push(['block', block]),
    onCname: (ssrc, cname) => told.push(['cname', ssrc, cname]),
    onGoodbye: (ssrc) => told.push(['bye', ssrc]),
    onNack: (mediaSsrc, sequenceNumber) => told.push(['nack', mediaSsrc, sequenceNumber]),
    onPictureLoss: (mediaSsrc) => told.push(['pli', mediaSsrc]),
    onFullIntraRequest: (mediaSsrc, commandNumber) => told.push(['fir', mediaSsrc, commandNumber]),
    onReceiverEstimate: (bitrateBps) => told.push(['remb', bitrateBps]),
    onTransportCc: (packet) => told.push(['transport-cc', packet.length]),
  };
  return { wellFormed: visitRtcp(compound, visitor, 5), told };
}

/** Bytes that `write` writes, checked to stay where it should. */
function written(write: (out: Buffer, offset: number) => number): Buffer {
  const out = Buffer.alloc(1_200, 0xee);
  const end = write(out, 4);
  expect(end % 4).toBe(0);
  expect(out.subarray(0, 4).toString('hex')).toBe('eeeeeeee');
  expect(out.subarray(end).every((byte) => byte === 0xee)).toBe(true);
  return out.subarray(4, end);
}

const INFO: SenderInfo = { ntp: { seconds: 1, fraction: 2 }, timestamp: 3, packets: 4, octets: 5 };
const BLOCK: ReportBlock = {
  ssrc: 7,
  fractionLost: 1,
  cumulativeLost: -2,
  extendedHighestSequence: 3,
  jitterTicks: 4,
  lastSenderReport: 5,
  delaySinceLastSenderReport: 6,
};
/** One of everything. */
const EVERYTHING = Buffer.concat([
  written((out, at) => writeSenderReport(out, at, 10, INFO, [BLOCK])),
  written((out, at) => writeReceiverReport(out, at, 11, [BLOCK, BLOCK])),
  written((out, at) => writeSourceDescription(out, at, 12, 'cname')),
  written((out, at) => writeNack(out, at, 1, 13, [65_535, 0, 3])),
  written((out, at) => writePictureLoss(out, at, 1, 14)),
  written((out, at) => writeFullIntraRequest(out, at, 1, 15, 255)),
  written((out, at) => writeRemb(out, at, 1, 500_000, [16])),
  Buffer.from('82cb00020000001100000012', 'hex'),
]);

describe('a compound packet', () => {
  it('is reported packet by packet', () => {
    expect(visit(EVERYTHING)).toEqual({
      wellFormed: true,
      told: [
        ['sr', 10, INFO],
        ['block', BLOCK],
        ['block', BLOCK],
        ['block', BLOCK],
        ['cname', 12, 'cname'],
        ['nack', 13, 65_535],
        ['nack', 13, 0],
        ['nack', 13, 3],
        ['pli', 14],
        ['fir', 15, 255],
        ['remb', 500_000],
        ['bye', 17],
        ['bye', 18],
      ],
    });
  });

  it('may be visited without any callback', () => {
    expect(visitRtcp(EVERYTHING, {}, 5)).toBe(true);
  });

  it('is refused as a whole when it is truncated anywhere but between two packets', () => {
    for (let length = 0; length < EVERYTHING.length; length++) {
      const { wellFormed, told } = visit(EVERYTHING.subarray(0, length));
      if (!wellFormed) expect(told).toEqual([]);
      else expect(length % 4).toBe(0);
    }
  });

  it.each([
    ['nothing', ''],
    ['three bytes', '80c900'],
    ['version 1', '41c9000100000001'],
    ['a length beyond the end', '80c9000200000001'],
    ['a second packet of another version', '80c9000100000001 00c9000100000001'],
    ['padding of no byte', 'a0c9000100000000'],
    ['padding larger than the packet', 'a0c9000100000005'],
    ['an empty packet that claims padding', 'a0c90000'],
  ])('of %s is refused', (_, hex) => {
    expect(visit(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toEqual({ wellFormed: false, told: [] });
  });

  it.each([
    ['a sender report without its sender info', '80c80005 00000001 00000002 00000003 00000004 00000005'],
    ['a report with fewer blocks than it says', '81c90001 00000001'],
    ['a source description without an end', '81ca0002 00000001 01026162'],
    ['a source description with an item too long', '81ca0002 00000001 01ff6100'],
    ['a source description with fewer chunks than it says', '82ca0002 00000001 00000000'],
    ['a goodbye of fewer sources than it says', '82cb0001 00000001'],
    ['a NACK without an entry', '81cd0002 00000001 00000002'],
    ['a PLI without a source', '81ce0001 00000001'],
    ['a FIR with half an entry', '84ce0003 00000001 00000002 00000003'],
    ['a REMB without a rate', '8fce0003 00000001 00000002 52454d42'],
    ['a REMB with fewer sources than it says', '8fce0004 00000001 00000002 52454d42 0100ffff'],
  ])('skips %s, and reports the rest', (_, hex) => {
    const malformed = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    const goodbye = Buffer.from('81cb000100000063', 'hex');
    expect(visit(Buffer.concat([malformed, goodbye]))).toEqual({ wellFormed: false, told: [['bye', 99]] });
  });

  it.each([
    ['types that nobody knows', '80cc0001 00000001 80cf0001 00000001'],
    ['feedback formats that nobody knows', '83cd0002 00000001 00000002 85ce0002 00000001 00000002'],
    ['application feedback that is no REMB', '8fce0003 00000001 00000002 41424344'],
    ['a goodbye of nobody', '80cb0000'],
    ['a receiver report about nobody', '80c90001 00000001'],
  ])('may hold %s', (_, hex) => {
    expect(visit(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toEqual({ wellFormed: true, told: [] });
  });

  it('may be padded', () => {
    expect(visit(Buffer.from('a1cb0002 00000009 00000004'.replaceAll(' ', ''), 'hex'))).toEqual({
      wellFormed: true,
      told: [['bye', 9]],
    });
  });

  it('survives any bytes', () => {
    const packet = fc.tuple(fc.constantFrom(200, 201, 202, 203, 205, 206), uint(5), fc.uint8Array({ maxLength: 60 }));
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 5 }), (packets) => {
        const parts = packets.map(([type, count, body]) => {
          const words = Math.floor(body.length / 4);
          return Buffer.from([0x80 | count, type, 0, words, ...body.subarray(0, words * 4)]);
        });
        visit(Buffer.concat(parts));
      }),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => visit(Buffer.from(bytes)) !== undefined));
  });
});

describe('reports', () => {
  it('are read back from their bytes', () => {
    fc.assert(
      fc.property(uint(32), senderInfo, reportBlocks, (ssrc, info, blocks) => {
        const told: Told[] = blocks.map((block) => ['block', block]);
        const sender = written((out, at) => writeSenderReport(out, at, ssrc, info, blocks));
        expect(visit(sender)).toEqual({ wellFormed: true, told: [['sr', ssrc, info], ...told] });
        const receiver = written((out, at) => writeReceiverReport(out, at, ssrc, blocks));
        expect(visit(receiver)).toEqual({ wellFormed: true, told });
      }),
      { numRuns: 50 },
    );
  });

  it('contain at most 31 blocks', () => {
    const blocks = Array.from({ length: MAX_COUNT + 1 }, () => BLOCK);
    expect(() => writeReceiverReport(Buffer.alloc(1_200), 0, 1, blocks)).toThrow(RangeError);
    expect(() => writeSenderReport(Buffer.alloc(1_200), 0, 1, INFO, blocks)).toThrow(RangeError);
  });

  it('are read by another implementation', () => {
    const [sender, receiver] = RtcpPacketConverter.deSerialize(
      Buffer.concat([
        written((out, at) => writeSenderReport(out, at, 10, INFO)),
        written((out, at) => writeReceiverReport(out, at, 11, [{ ...BLOCK, cumulativeLost: 2 }])),
      ]),
    ) as [RtcpSrPacket, RtcpRrPacket];
    expect(sender.ssrc).toBe(10);
    expect(sender.senderInfo).toMatchObject({
      ntpTimestamp: 0x100000002n,
      rtpTimestamp: 3,
      packetCount: 4,
      octetCount: 5,
    });
    expect(receiver.reports).toMatchObject([
      { ssrc: 7, fractionLost: 1, packetsLost: 2, highestSequence: 3, jitter: 4, lsr: 5, dlsr: 6 },
    ]);
  });

  it('of another implementation are read', () => {
    const block = new RtcpReceiverInfo({
      ssrc: 7,
      fractionLost: 1,
      packetsLost: 2,
      highestSequence: 3,
      jitter: 4,
      lsr: 5,
      dlsr: 6,
    });
    const info = new RtcpSenderInfo({ ntpTimestamp: 0x100000002n, rtpTimestamp: 3, packetCount: 4, octetCount: 5 });
    const compound = Buffer.concat([
      new RtcpSrPacket({ ssrc: 10, senderInfo: info, reports: [block] }).serialize(),
      new RtcpRrPacket({ ssrc: 11, reports: [block] }).serialize(),
    ]);
    const expected = { ...BLOCK, cumulativeLost: 2 };
    expect(visit(compound).told).toEqual([
      ['sr', 10, INFO],
      ['block', expected],
      ['block', expected],
    ]);
  });
});

describe('source descriptions', () => {
  it('are read back from their bytes, whatever the length of the name', () => {
    for (let length = 0; length <= 255; length++) {
      const cname = 'x'.repeat(length);
      const packet = written((out, at) => writeSourceDescription(out, at, 5, cname));
      expect(visit(packet)).toEqual({ wellFormed: true, told: [['cname', 5, cname]] });
    }
    expect(() => writeSourceDescription(Buffer.alloc(1_200), 0, 5, 'x'.repeat(256))).toThrow(RangeError);
  });

  it('are read by another implementation, and so are its own', () => {
    const packet = written((out, at) => writeSourceDescription(out, at, 5, 'somebody'));
    const [description] = RtcpPacketConverter.deSerialize(packet) as [RtcpSourceDescriptionPacket];
    expect(description.chunks[0]).toMatchObject({ source: 5, items: [{ type: 1, text: 'somebody' }] });
    expect(visit(description.serialize()).told).toEqual([['cname', 5, 'somebody']]);
  });

  it('may have several sources, with other items', () => {
    const hex = '82ca0007 00000001 010261620203616263000000 00000002 080100 010163 0000'.replaceAll(' ', '');
    const body = Buffer.from(hex, 'hex');
    body.writeUInt16BE(body.length / 4 - 1, 2);
    expect(visit(body)).toEqual({
      wellFormed: true,
      told: [
        ['cname', 1, 'ab'],
        ['cname', 2, 'c'],
      ],
    });
  });
});

describe('feedback', () => {
  it('names each missing packet once, in as few entries as it takes', () => {
    const missing = fc.uniqueArray(fc.nat(2_000), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(missing, uint(16), (offsets, first) => {
        const sequenceNumbers = offsets.sort((a, b) => a - b).map((offset) => (first + offset) & 0xffff);
        const packet = written((out, at) => writeNack(out, at, 1, 2, sequenceNumbers));
        expect(visit(packet)).toEqual({ wellFormed: true, told: sequenceNumbers.map((number) => ['nack', 2, number]) });
      }),
    );
    const run = Array.from({ length: 34 }, (_, index) => index);
    expect(written((out, at) => writeNack(out, at, 1, 2, run))).toHaveLength(20);
  });

  it('is read by another implementation', () => {
    const read = (packet: Buffer) =>
      (RtcpPacketConverter.deSerialize(packet)[0] as RtcpTransportLayerFeedback).feedback;
    const nack = read(written((out, at) => writeNack(out, at, 1, 2, [65_534, 65_535, 8, 500]))) as GenericNack;
    const pli = read(written((out, at) => writePictureLoss(out, at, 1, 3)));
    const remb = read(written((out, at) => writeRemb(out, at, 1, 2_500_000, [4, 5])));
    expect(nack.mediaSourceSsrc).toBe(2);
    expect(nack.lost.map((number) => number & 0xffff)).toEqual([65_534, 65_535, 8, 500]);
    expect(pli).toBeInstanceOf(PictureLossIndication);
    expect(pli).toMatchObject({ mediaSsrc: 3 });
    expect(remb).toBeInstanceOf(ReceiverEstimatedMaxBitrate);
    expect(remb).toMatchObject({ bitrate: 2_500_000n, ssrcFeedbacks: [4, 5] });
  });

  it('of another implementation is read', () => {
    const nack = new RtcpTransportLayerFeedback({
      feedback: new GenericNack({ senderSsrc: 1, mediaSourceSsrc: 2, lost: [10, 11, 26, 27, 300] }),
    });
    expect(visit(nack.serialize()).told).toEqual([10, 11, 26, 27, 300].map((number) => ['nack', 2, number]));
  });

  it('rounds an estimate down to 18 significant bits', () => {
    const rateOf = (bitrateBps: number) => {
      const { told } = visit(written((out, at) => writeRemb(out, at, 1, bitrateBps, [])));
      return told[0]![1] as number;
    };
    expect([0, 1, 262_143, 262_144, 262_145, 2_500_000].map(rateOf)).toEqual([
      0, 1, 262_143, 262_144, 262_144, 2_500_000,
    ]);
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 40 }), (bitrateBps) => {
        const rate = rateOf(bitrateBps);
        expect(rate).toBeLessThanOrEqual(bitrateBps);
        expect(rate).toBeGreaterThan(bitrateBps * (1 - 2 ** -17) - 1);
      }),
    );
    expect(() => writeRemb(Buffer.alloc(2_000), 0, 1, 1, Array(256).fill(1))).toThrow(RangeError);
  });

  it('may claim the largest possible rate', () => {
    expect(visit(Buffer.from('8fce0004000000010000000252454d4200ffffff', 'hex')).told).toEqual([
      ['remb', 262_143 * 2 ** 63],
    ]);
  });
});
