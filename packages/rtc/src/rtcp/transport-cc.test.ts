import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtcpPacketConverter, type RtcpTransportLayerFeedback, type TransportWideCC } from 'werift';
import { type RtcpVisitor, visitRtcp } from './compound.ts';
import { visitTransportCc } from './transport-cc.ts';
import { maxChunksSize, readStatusChunks, writeStatusChunks } from './transport-cc-chunks.ts';
import { TransportCcRecorder } from './transport-cc-recorder.ts';

type Arrival = [sequenceNumber: number, arrivalMs: number | undefined];

/** Reads one feedback packet as the peer does. */
function arrivalsIn(compound: Buffer): Arrival[] | undefined {
  const arrivals: Arrival[] = [];
  let wellFormed = false;
  const visitor: RtcpVisitor = {
    onTransportCc(packet) {
      wellFormed = visitTransportCc(packet, (...arrival) => arrivals.push(arrival));
    },
  };
  visitRtcp(compound, visitor, 0);
  return wellFormed ? arrivals : undefined;
}

/** All feedback packets that there are to write. */
function feedbackOf(recorder: TransportCcRecorder): Buffer[] {
  const packets: Buffer[] = [];
  for (;;) {
    const out = Buffer.alloc(1_200, 0xee);
    const end = recorder.write(out, 0, 1, 2);
    if (end === 0) return packets;
    packets.push(out.subarray(0, end));
  }
}

const reported = (recorder: TransportCcRecorder) => feedbackOf(recorder).flatMap((packet) => arrivalsIn(packet)!);

describe('status chunks', () => {
  const statuses = fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 40 })), { maxLength: 40 });

  it('are read back from their bytes, within the promised size', () => {
    fc.assert(
      fc.property(statuses, (runs) => {
        const all = runs.flatMap(([status, length]) => Array<number>(length).fill(status));
        const out = Buffer.alloc(4_000);
        const end = writeStatusChunks(out, 3, Uint8Array.from(all), all.length);
        expect(end - 3).toBeLessThanOrEqual(maxChunksSize(all.length));
        const read = new Uint8Array(all.length);
        expect(readStatusChunks(out.subarray(0, end), 3, read, all.length)).toBe(end);
        expect([...read]).toEqual(all);
      }),
    );
  });

  it.each([
    // The examples of draft-holmer-rmcat-transport-wide-cc-extensions-01, sections 3.1.3 and 3.1.4.
    ['a run of 221 not received', '00dd', Array(221).fill(0)],
    ['a run of 24 that is reserved', '6018', undefined],
    ['14 one-bit symbols', '9f1c', [0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0]],
    ['7 two-bit symbols', 'cd50', [0, 3, 1, 1, 1, 0, 0]],
    ['a run of none', '2000', undefined],
  ])('of %s are read', (_, hex, expected) => {
    const count = expected?.length ?? 24;
    const read = new Uint8Array(count);
    const end = readStatusChunks(Buffer.from(hex, 'hex'), 0, read, count);
    const valid = expected !== undefined && !expected.includes(3);
    expect(end).toBe(valid ? 2 : -1);
    if (valid) expect([...read]).toEqual(expected);
  });

  it('use runs and vectors where each is shorter', () => {
    const size = (all: number[]) => writeStatusChunks(Buffer.alloc(100), 0, Uint8Array.from(all), all.length);
    expect(size(Array(1_000).fill(1))).toBe(2);
    expect(size(Array(8_192).fill(0))).toBe(4);
    expect(size([1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1])).toBe(2);
    expect(size([1, 0, 1, 2, 1, 0, 1])).toBe(2);
  });
});

describe('TransportCcRecorder', () => {
  it('reports nothing before the first packet, and nothing twice', () => {
    const recorder = new TransportCcRecorder();
    expect(feedbackOf(recorder)).toEqual([]);
    recorder.record(5, 1_000);
    expect(reported(recorder)).toEqual([[5, 1_000]]);
    expect(feedbackOf(recorder)).toEqual([]);
  });

  it('reports arrivals to a quarter of a millisecond, and the missing packets in between', () => {
    const recorder = new TransportCcRecorder();
    recorder.record(65_534, 1_000.3);
    recorder.record(65_535, 1_100);
    recorder.record(2, 1_100.5);
    recorder.record(1, 1_101);
    expect(reported(recorder)).toEqual([
      [65_534, 1_000.25],
      [65_535, 1_100],
      [0, undefined],
      [1, 1_101],
      [2, 1_100.5],
    ]);
    recorder.record(5, 1_200);
    expect(reported(recorder)).toEqual([
      [3, undefined],
      [4, undefined],
      [5, 1_200],
    ]);
  });

  it('reaches back to a packet that was reported missing, but not to a duplicate', () => {
    const recorder = new TransportCcRecorder();
    for (const sequenceNumber of [10, 11, 13]) recorder.record(sequenceNumber, 100);
    feedbackOf(recorder);
    recorder.record(11, 150);
    expect(feedbackOf(recorder)).toEqual([]);
    recorder.record(12, 160);
    expect(reported(recorder)).toEqual([
      [12, 160],
      [13, 100],
    ]);
  });

  it('numbers its packets, in 8 bits', () => {
    const recorder = new TransportCcRecorder();
    const counts: number[] = [];
    for (let index = 0; index < 258; index++) {
      recorder.record(index, index);
      counts.push(...feedbackOf(recorder).map((packet) => packet[19]!));
    }
    expect(counts).toEqual(Array.from({ length: 258 }, (_, index) => index & 0xff));
  });

  it('begins another packet where a delta does not fit', () => {
    const recorder = new TransportCcRecorder();
    recorder.record(1, 1_000);
    recorder.record(2, 1_000 + 8_191.75);
    recorder.record(3, 1_000 + 8_191.75 + 8_192);
    expect(feedbackOf(recorder).map(arrivalsIn)).toEqual([
      [
        [1, 1_000],
        [2, 9_191.75],
      ],
      [[3, 17_383.75]],
    ]);
  });

  it('begins another packet where one does not fit a datagram', () => {
    const recorder = new TransportCcRecorder();
    const expected: Arrival[] = Array.from({ length: 1_000 }, (_, index) => [index, 1_000 + index * 100]);
    for (const [sequenceNumber, arrivalMs] of expected) recorder.record(sequenceNumber, arrivalMs!);
    const packets = feedbackOf(recorder);
    expect(packets).toHaveLength(3);
    for (const packet of packets) expect(packet.length).toBeLessThanOrEqual(1_100);
    expect(packets.flatMap((packet) => arrivalsIn(packet)!)).toEqual(expected);
  });

  it('writes nothing without room', () => {
    const recorder = new TransportCcRecorder();
    recorder.record(1, 1_000);
    expect(recorder.write(Buffer.alloc(20), 0, 1, 2)).toBe(0);
    expect(reported(recorder)).toEqual([[1, 1_000]]);
  });

  it('forgets old packets, whatever numbers arrive', () => {
    const recorder = new TransportCcRecorder();
    recorder.record(0, 0);
    recorder.record(20_000, 10);
    recorder.record(0, 20);
    const arrivals = reported(recorder);
    expect(arrivals).toHaveLength(1_024);
    expect(arrivals.at(-1)).toEqual([20_000, 10]);
    expect(arrivals.slice(0, -1).every(([, arrivalMs]) => arrivalMs === undefined)).toBe(true);
  });

  it('does not report a missing packet by the state of 1024 packets ago', () => {
    const recorder = new TransportCcRecorder();
    for (let index = 0; index < 1_024; index++) recorder.record(index, index);
    feedbackOf(recorder);
    recorder.record(1_030, 1_030);
    expect(reported(recorder)).toEqual([
      ...[0, 1, 2, 3, 4, 5].map((index) => [1_024 + index, undefined]),
      [1_030, 1_030],
    ]);
  });

  it('continues where its 32 bits of time wrap', () => {
    const recorder = new TransportCcRecorder();
    const wrapMs = 2 ** 31 / 4;
    for (let index = 0; index < 10; index++) recorder.record(index, wrapMs - 5 + index);
    const packets = feedbackOf(recorder);
    expect(packets).toHaveLength(1);
    expect(arrivalsIn(packets[0]!)?.map(([, arrivalMs]) => arrivalMs)).toEqual(
      Array.from({ length: 10 }, (_, index) => wrapMs - 5 + index),
    );
    recorder.record(10, wrapMs + 100);
    expect(reported(recorder)).toEqual([[10, wrapMs + 100 - 2 * wrapMs]]);
  });

  it('reports exactly what was recorded', () => {
    const packet = fc.record({
      step: fc.integer({ min: -20, max: 20 }),
      elapsedMs: fc.oneof(fc.nat(80), fc.nat(9_000)),
      report: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 300 }), fc.nat(0xffff), (packets, first) => {
        const recorder = new TransportCcRecorder();
        const recorded = new Map<number, number>();
        const told = new Map<number, number>();
        const collect = () => {
          for (const [sequenceNumber, arrivalMs] of reported(recorder)) {
            if (arrivalMs !== undefined) told.set(sequenceNumber, arrivalMs);
            else expect(recorded.has(sequenceNumber)).toBe(false);
          }
        };
        let highest = first;
        let nowMs = 0;
        for (const { step, elapsedMs, report } of packets) {
          const index = highest + step;
          highest = Math.max(highest, index);
          nowMs += elapsedMs;
          const sequenceNumber = index & 0xffff;
          recorder.record(sequenceNumber, nowMs);
          if (!recorded.has(sequenceNumber)) recorded.set(sequenceNumber, nowMs);
          if (report) collect();
        }
        collect();
        expect(told).toEqual(recorded);
      }),
    );
  });

  it('is understood by another implementation', () => {
    const recorder = new TransportCcRecorder();
    for (const [sequenceNumber, nowMs] of [
      [7, 1_000],
      [8, 1_020],
      [10, 1_200],
      [11, 1_190],
    ]) {
      recorder.record(sequenceNumber!, nowMs!);
    }
    const [packet] = RtcpPacketConverter.deSerialize(feedbackOf(recorder)[0]!) as [RtcpTransportLayerFeedback];
    const feedback = packet.feedback as TransportWideCC;
    expect(feedback).toMatchObject({ senderSsrc: 1, mediaSourceSsrc: 2, baseSequenceNumber: 7, packetStatusCount: 5 });
    const referenceMs = feedback.referenceTime * 64;
    expect(referenceMs).toBe(960);
    expect(feedback.recvDeltas.map(({ delta }) => delta / 1_000)).toEqual([1_000 - referenceMs, 20, 180, -10]);
  });
});

describe('visitTransportCc', () => {
  const recorder = new TransportCcRecorder();
  for (let index = 0; index < 30; index++) if (index % 4 !== 0) recorder.record(index, index * 70);
  const [whole] = feedbackOf(recorder);

  it('refuses truncated feedback, and reports nothing of it', () => {
    const padding = (whole![0]! & 0x20) === 0 ? 0 : whole![whole!.length - 1]!;
    for (let length = 0; length < whole!.length - padding; length++) {
      const fail = () => expect.unreachable();
      expect(visitTransportCc(whole!.subarray(0, length), fail)).toBe(false);
    }
  });

  it.each([
    ['no packets', '0000 0000 000000 00 2000'],
    ['a status that is reserved', '0000 0001 000000 00 6001'],
    ['more statuses than chunks', '0000 0009 000000 00 2001 00 00'],
    ['fewer deltas than packets received', '0000 0003 000000 00 2003 0000'],
  ])('refuses %s', (_, hex) => {
    const packet = Buffer.from(`8fcd00000000000100000002${hex.replaceAll(' ', '')}`, 'hex');
    expect(visitTransportCc(packet, () => expect.unreachable())).toBe(false);
  });

  it('reads a negative reference time and negative deltas', () => {
    const packet = Buffer.from(
      '8fcd0000 00000001 00000002 0000 0002 ffffff 00 d900 ff 0003'.replaceAll(' ', ''),
      'hex',
    );
    const arrivals: Arrival[] = [];
    expect(visitTransportCc(packet, (...arrival) => arrivals.push(arrival))).toBe(true);
    expect(arrivals).toEqual([
      [0, -64 + 63.75],
      [1, -64 + 63.75 + 0.75],
    ]);
  });

  it('survives any bytes, with no more calls than it can announce', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        let calls = 0;
        const packet = Buffer.from([0x8f, 205, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, ...bytes]);
        const wellFormed = visitTransportCc(packet, () => calls++);
        expect(calls).toBe(wellFormed ? packet.readUInt16BE(14) : 0);
      }),
      { numRuns: 500 },
    );
  });
});
