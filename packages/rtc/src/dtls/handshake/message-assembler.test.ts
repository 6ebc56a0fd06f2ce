import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fragmentOf,
  HandshakeType,
  parseHandshakeFragments,
  writeHandshakeMessage,
} from '../messages/handshake-message.ts';
import { MessageAssembler } from './message-assembler.ts';

const TYPE = HandshakeType.certificate;
const MAX_LENGTH = 100;
const expected = [
  { messageSeq: 1, type: TYPE, maxLength: MAX_LENGTH },
  { messageSeq: 2, type: HandshakeType.clientKeyExchange, maxLength: 10 },
];

const body = Buffer.from(Array.from({ length: 60 }, (_, index) => index));
const message = writeHandshakeMessage(TYPE, 1, body);

function piece(offset: number, size: number, of = message) {
  return parseHandshakeFragments(fragmentOf(of, offset, size))[0];
}

/** A fragment that says anything. */
function claim(fields: { type?: number; length: number; messageSeq?: number; fragmentOffset?: number; body: Buffer }) {
  return { type: TYPE, messageSeq: 1, fragmentOffset: 0, ...fields };
}

describe('MessageAssembler', () => {
  it('assembles fragments in any order, with overlaps and repetitions', () => {
    const ranges = fc.array(
      fc
        .tuple(fc.nat(body.length - 1), fc.integer({ min: 1, max: body.length }))
        .map(([offset, size]) => [offset, Math.min(size, body.length - offset)]),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(ranges, (pieces) => {
        const assembler = new MessageAssembler(expected);
        const covered = new Set<number>();
        for (const [offset, size] of pieces) {
          const before = covered.size;
          for (let at = offset; at! < offset! + size!; at!++) covered.add(at!);
          const completes = covered.size === body.length && before < body.length;
          expect(assembler.add(piece(offset!, size!)!)).toBe(completes);
          expect(assembler.get(1, TYPE)).toEqual(covered.size === body.length ? message : undefined);
        }
      }),
    );
  });

  it('lets no later fragment change earlier bytes', () => {
    const forged = writeHandshakeMessage(TYPE, 1, Buffer.alloc(body.length, 0xff));
    const assembler = new MessageAssembler(expected);
    assembler.add(piece(0, 40)!);
    assembler.add(piece(20, 30, forged)!);
    assembler.add(piece(40, 20)!);
    assembler.add(piece(0, 60, forged)!);
    const result = assembler.get(1, TYPE);
    expect(result?.subarray(12, 52)).toEqual(body.subarray(0, 40));
  });

  it('prefers a whole message to fragments, and the later of two lengths', () => {
    const assembler = new MessageAssembler(expected);
    assembler.add(claim({ length: 99, body: Buffer.alloc(98) }));
    expect(assembler.add(piece(0, 60)!)).toBe(true);
    expect(assembler.get(1, TYPE)).toEqual(message);

    const other = new MessageAssembler(expected);
    other.add(claim({ length: 99, body: Buffer.alloc(98) }));
    other.add(piece(0, 30)!);
    expect(other.add(piece(30, 30)!)).toBe(true);
  });

  it('accepts only expected messages', () => {
    const assembler = new MessageAssembler(expected);
    expect(assembler.add(claim({ type: HandshakeType.finished, length: 3, body: Buffer.alloc(3) }))).toBe(false);
    expect(assembler.add(claim({ messageSeq: 2, length: 3, body: Buffer.alloc(3) }))).toBe(false);
    expect(assembler.add(claim({ length: MAX_LENGTH + 1, body: Buffer.alloc(3) }))).toBe(false);
    expect(assembler.bufferedBytes).toBe(0);
  });

  it('keeps a bounded number of bytes, whatever arrives', () => {
    const fragments = fc.record({
      type: fc.constantFrom(TYPE, HandshakeType.clientKeyExchange),
      length: fc.nat(120),
      messageSeq: fc.nat(3),
      fragmentOffset: fc.nat(120),
      body: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    });
    const limit = 2 * (12 + MAX_LENGTH + 10) + 12;
    fc.assert(
      fc.property(fc.array(fragments, { maxLength: 50 }), (all) => {
        const assembler = new MessageAssembler(expected);
        for (const fragment of all) {
          if (fragment.fragmentOffset + fragment.body.length > fragment.length) continue;
          assembler.add(fragment);
          expect(assembler.bufferedBytes).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('accepts a message again after it was discarded', () => {
    const assembler = new MessageAssembler(expected);
    assembler.add(piece(0, 60)!);
    expect(assembler.add(piece(0, 60)!)).toBe(false);
    assembler.discard(1, TYPE);
    expect(assembler.add(piece(0, 60)!)).toBe(true);
    assembler.clear();
    expect(assembler.bufferedBytes).toBe(0);
    expect(assembler.get(1, TYPE)).toBeUndefined();
  });

  it('accepts a message without a body', () => {
    const assembler = new MessageAssembler([{ messageSeq: 0, type: HandshakeType.serverHelloDone, maxLength: 0 }]);
    const done = writeHandshakeMessage(HandshakeType.serverHelloDone, 0, Buffer.alloc(0));
    expect(assembler.add(parseHandshakeFragments(done)[0]!)).toBe(true);
    expect(assembler.get(0, HandshakeType.serverHelloDone)).toEqual(done);
  });
});
