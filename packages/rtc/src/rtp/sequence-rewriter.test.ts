import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SequenceRewriter } from './sequence-rewriter.ts';

const CLOCK_RATE = 48_000;
const TICKS_PER_PACKET = 960;

function rewriter({ sequenceNumber = 100, timestamp = 5_000 } = {}) {
  const stream = new SequenceRewriter({ sequenceNumber, timestamp, clockRate: CLOCK_RATE });
  return {
    stream,
    /** Result for a source's packet: its index over all wraps, and its timestamp. */
    send(sourceIndex: number, sourceTimestamp: number, nowMs = 0): [index: number, timestamp: number] | undefined {
      if (!stream.rewrite(sourceIndex, sourceTimestamp >>> 0, nowMs)) return undefined;
      return [stream.rolloverCounter * 0x10000 + stream.sequenceNumber, stream.timestamp];
    },
  };
}

describe('SequenceRewriter', () => {
  it('begins at the given numbers, whatever the source', () => {
    const { send } = rewriter();
    expect(send(60_000, 0xffffff00)).toEqual([100, 5_000]);
    expect(send(60_001, 0xffffff00 + TICKS_PER_PACKET)).toEqual([101, 5_960]);
  });

  it('keeps losses and reordering of the source', () => {
    const { send } = rewriter();
    send(10, 0);
    expect(send(13, 3 * TICKS_PER_PACKET)).toEqual([103, 5_000 + 3 * TICKS_PER_PACKET]);
    expect(send(11, TICKS_PER_PACKET)).toEqual([101, 5_000 + TICKS_PER_PACKET]);
    expect(send(14, 4 * TICKS_PER_PACKET)).toEqual([104, 5_000 + 4 * TICKS_PER_PACKET]);
  });

  it('counts rollovers, for late packets from before a wrap too', () => {
    const { stream, send } = rewriter({ sequenceNumber: 0x7ffe });
    for (let source = 0; source < 0x8001; source++) send(source, 0);
    expect([stream.rolloverCounter, stream.sequenceNumber]).toEqual([0, 0xfffe]);
    expect(send(0x8003, 0)).toEqual([0x10001, 5_000]);
    expect(send(0x8001, 0)).toEqual([0xffff, 5_000]);
    expect(stream.rolloverCounter).toBe(0);
    expect(send(0x8002, 0)).toEqual([0x10000, 5_000]);
    expect(stream.rolloverCounter).toBe(1);
  });

  it('is not affected by the wrap of its source', () => {
    const { send } = rewriter();
    send(0xfffe, 0xfffffff0);
    expect(send(0x10001, 0x10)).toEqual([103, 5_032]);
    expect(send(0xffff, 0xfffffff8)).toEqual([101, 5_008]);
  });

  it('continues without a gap when the source is switched, in step with the clock', () => {
    const { stream, send } = rewriter();
    send(10, 1_000, 0);
    send(11, 1_960, 20);
    stream.switchSource();
    expect(send(5_000, 77, 50)).toEqual([102, 5_960 + 30 * 48]);
    expect(send(5_001, 77 + TICKS_PER_PACKET, 70)).toEqual([103, 5_960 + 30 * 48 + TICKS_PER_PACKET]);
  });

  it('continues from the furthest packet sent, not from a late one', () => {
    const { stream, send } = rewriter();
    send(10, 0, 0);
    send(12, 2 * TICKS_PER_PACKET, 40);
    send(11, TICKS_PER_PACKET, 60);
    stream.switchSource();
    expect(send(900, 0, 60)).toEqual([103, 5_000 + 2 * TICKS_PER_PACKET + 20 * 48]);
  });

  it('closes the gap of a pause that was longer than the sequence space', () => {
    const { stream, send } = rewriter();
    send(10, 0, 0);
    stream.switchSource();
    expect(send(10 + 40_000, 40_000 * TICKS_PER_PACKET, 800_000)).toEqual([101, 5_000 + 800_000 * 48]);
  });

  it('closes a gap that receivers could not follow', () => {
    const { send } = rewriter();
    send(10, 0, 0);
    expect(send(10 + 3_000, 0, 20)?.[0]).toBe(3_100);
    expect(send(10 + 63_000, 0, 40)?.[0]).toBe(3_101);
    expect(send(10 + 62_999, 0, 40)).toBeUndefined();
  });

  it('does not send packets older than the switch to their source', () => {
    const { stream, send } = rewriter();
    send(10, 0, 0);
    expect(send(9, 0, 0)).toBeUndefined();
    stream.switchSource();
    send(500, 0, 20);
    expect(send(499, 0, 20)).toBeUndefined();
    expect(send(501, 0, 40)?.[0]).toBe(102);
  });

  it('wraps its timestamps', () => {
    const { stream, send } = rewriter({ timestamp: 0xfffffff0 });
    send(10, 0, 0);
    expect(send(11, 0x20, 1)?.[1]).toBe(0x10);
    stream.switchSource();
    expect(send(1, 1, 100_000_000)?.[1]).toBe((0x10 + 99_999_999 * 48) % 2 ** 32);
  });

  it('never assigns an index to two packets', () => {
    const event = fc.oneof(
      { weight: 9, arbitrary: fc.record({ step: fc.integer({ min: -1_000, max: 100_000 }) }) },
      { weight: 1, arbitrary: fc.record({ switchTo: fc.nat(0xffff) }) },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 300 }), fc.nat(0x7fff), (events, sequenceNumber) => {
        const { stream, send } = rewriter({ sequenceNumber });
        const sent = new Map<number, number>();
        let source = 1_000_000;
        let highest = source;
        for (const happens of events) {
          if ('switchTo' in happens) {
            stream.switchSource();
            source = highest = 1_000_000_000 * (sent.size + 1) + happens.switchTo;
            continue;
          }
          source = highest + happens.step;
          highest = Math.max(highest, source);
          const index = send(source, 0)?.[0];
          if (index === undefined) continue;
          expect(index).toBeGreaterThanOrEqual(sequenceNumber);
          expect(sent.get(index) ?? source).toBe(source);
          sent.set(index, source);
        }
      }),
    );
  });
});
