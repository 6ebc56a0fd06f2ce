import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { primaryOffset } from './red.ts';

const OPUS = 111;

/** A payload of redundant blocks of these lengths, and a primary one. */
function redOf(redundantBytes: readonly number[], primaryBytes: number, payloadType = OPUS): Buffer {
  const headers = redundantBytes.map((length, index) => {
    const header = Buffer.alloc(4);
    header[0] = 0x80 | payloadType;
    header.writeUIntBE(((redundantBytes.length - index) * 960 * 1024) | length, 1, 3);
    return header;
  });
  const data = redundantBytes.map((length) => Buffer.alloc(length, 1));
  return Buffer.concat([...headers, Buffer.of(payloadType), ...data, Buffer.alloc(primaryBytes, 2)]);
}

const offsetIn = (payload: Buffer) => primaryOffset(payload, 0, payload.length, OPUS);

describe('primaryOffset', () => {
  it.each([
    [[], 1],
    [[96], 4 + 1 + 96],
    [[96, 1], 2 * 4 + 1 + 97],
    [[0], 5],
  ] as const)('of redundant blocks of %j bytes is %i', (redundantBytes, offset) => {
    expect(offsetIn(redOf(redundantBytes, 40))).toBe(offset);
  });

  it('begins to count at the payload', () => {
    const packet = Buffer.concat([Buffer.alloc(20, 0xff), redOf([10], 5)]);
    expect(primaryOffset(packet, 20, packet.length, OPUS)).toBe(15);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['no primary header', Buffer.of(0x80 | OPUS, 0, 0, 0)],
    ['half a header', Buffer.of(0x80 | OPUS, 0)],
    ['no primary data', redOf([10], 0)],
    ['a block longer than the payload', redOf([10], 5).fill(0xff, 2, 4)],
    ['blocks of another format', redOf([10], 5, 9)],
  ])('is -1 for %s', (_, payload) => {
    expect(offsetIn(payload)).toBe(-1);
  });

  it('is within the payload, whatever that is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const offset = primaryOffset(Buffer.from(bytes), 0, bytes.length, bytes[0]! & 0x7f);
        expect(offset === -1 || (offset > 0 && offset < bytes.length)).toBe(true);
      }),
    );
  });
});
