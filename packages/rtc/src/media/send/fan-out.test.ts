import { DESCRIPTOR_WORDS, type PacketPlane } from '@rtcd/packet-io';
import { beforeEach, describe, expect, it } from 'vitest';
import { FanOut, MAX_HEADER_BYTES } from './fan-out.ts';

interface Sent {
  readonly slot: number;
  readonly header: Buffer;
  readonly payload: string;
}

let sent: Sent[];
beforeEach(() => {
  sent = [];
});

function createFanOut(): FanOut {
  const plane: Pick<PacketPlane, 'send'> = {
    send(arena, descriptors, count) {
      for (let at = 0; at < count * DESCRIPTOR_WORDS; at += DESCRIPTOR_WORDS) {
        const words = [...descriptors.subarray(at, at + DESCRIPTOR_WORDS)] as [
          number,
          number,
          number,
          number,
          number,
          number,
          number,
        ];
        const [slot, , header, headerLength, prefixLength, payload, payloadLength] = words;
        const prefix = arena.subarray(header + headerLength, header + headerLength + prefixLength);
        sent.push({
          slot,
          header: Buffer.from(arena.subarray(header, header + headerLength)),
          payload: Buffer.concat([prefix, arena.subarray(payload, payload + payloadLength)]).toString(),
        });
      }
    },
  };
  return new FanOut(plane);
}

function begin(fanOut: FanOut, payload: string): void {
  expect(fanOut.begin(Buffer.from(payload), 0, payload.length)).toBe(true);
}

function push(fanOut: FanOut, slot: number, headerLength: number): void {
  fanOut.arena.fill(slot & 0xff, fanOut.headerOffset, fanOut.headerOffset + headerLength);
  fanOut.push(slot, 0, headerLength);
}

describe('FanOut', () => {
  it('writes a header per receiver, across flushes, and one payload for all', () => {
    const fanOut = createFanOut();
    begin(fanOut, 'voice');
    for (let slot = 0; slot < 1500; slot++) push(fanOut, slot, 12 + (slot % 53));
    fanOut.flush();
    expect(sent.map(({ slot }) => slot)).toEqual(Array.from({ length: 1500 }, (_, slot) => slot));
    for (const { slot, header, payload } of sent) {
      expect(header).toEqual(Buffer.alloc(12 + (slot % 53), slot & 0xff));
      expect(payload).toBe('voice');
    }
  });

  it('refuses a header that would reach into the next one', () => {
    const fanOut = createFanOut();
    begin(fanOut, 'voice');
    push(fanOut, 1, MAX_HEADER_BYTES);
    expect(() => push(fanOut, 2, MAX_HEADER_BYTES + 1)).toThrow(RangeError);
    expect(() => fanOut.push(2, 0, MAX_HEADER_BYTES - 4, 5)).toThrow(RangeError);
    push(fanOut, 3, MAX_HEADER_BYTES);
    fanOut.flush();
    expect(sent.map(({ header }) => header)).toEqual([
      Buffer.alloc(MAX_HEADER_BYTES, 1),
      Buffer.alloc(MAX_HEADER_BYTES, 3),
    ]);
  });

  it('flushes before the longest headers have no room', () => {
    const fanOut = createFanOut();
    begin(fanOut, 'voice');
    for (let slot = 0; slot < 600; slot++) push(fanOut, slot, MAX_HEADER_BYTES);
    fanOut.flush();
    expect(sent.map(({ slot }) => slot)).toEqual(Array.from({ length: 600 }, (_, slot) => slot));
    for (const { slot, header } of sent) expect(header).toEqual(Buffer.alloc(MAX_HEADER_BYTES, slot & 0xff));
  });

  it('replaces the beginning of the payload with a prefix, for one receiver only', () => {
    const fanOut = createFanOut();
    begin(fanOut, 'voice');
    push(fanOut, 1, 12);
    fanOut.arena.write('inv', fanOut.headerOffset + 12);
    fanOut.push(2, 0, 12, 3, 1);
    push(fanOut, 3, 12);
    expect(() => fanOut.push(4, 0, 12, 3, 6)).toThrow(RangeError);
    fanOut.flush();
    expect(sent.map(({ payload }) => payload)).toEqual(['voice', 'invoice', 'voice']);
  });

  it('forgets the receivers of a packet whose fan-out was interrupted', () => {
    const fanOut = createFanOut();
    begin(fanOut, 'one call');
    push(fanOut, 1, 12);
    begin(fanOut, 'another call');
    push(fanOut, 2, 12);
    fanOut.flush();
    expect(sent).toMatchObject([{ slot: 2, payload: 'another call' }]);
  });
});
