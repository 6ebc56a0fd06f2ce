import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameParser, frameOf } from './frame-parser.ts';

const MAX_BYTES = 2_000;

function framesOf(chunks: readonly Uint8Array[], maxFrameBytes = MAX_BYTES) {
  const parser = new FrameParser(maxFrameBytes);
  const frames: Buffer[] = [];
  for (const chunk of chunks) {
    parser.parse(chunk, (arena, offset, length) => frames.push(Buffer.from(arena.subarray(offset, offset + length))));
  }
  return { parser, frames };
}

function split(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

describe('a stream of frames', () => {
  it('is parsed the same wherever it is split', () => {
    const datagrams = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 });
    const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(datagrams, sizes, (all, chunkSizes) => {
        const stream = Buffer.concat(all.map(frameOf));
        expect(framesOf(split(stream, chunkSizes)).frames).toEqual(all.map((datagram) => Buffer.from(datagram)));
      }),
    );
  });

  it.each([1, 2, 3, 5])('is parsed in pieces of %i bytes', (size) => {
    const datagrams = [Buffer.alloc(700, 1), Buffer.alloc(1, 2), Buffer.alloc(MAX_BYTES, 3)];
    const stream = Buffer.concat(datagrams.map(frameOf));
    expect(framesOf(split(stream, [size])).frames).toEqual(datagrams);
  });

  it('keeps frames that are whole in one chunk in its memory', () => {
    const chunk = Buffer.concat([frameOf(Buffer.from('one')), frameOf(Buffer.from('two'))]);
    const arenas: [Uint8Array, number, number][] = [];
    new FrameParser(MAX_BYTES).parse(chunk, (...frame) => arenas.push(frame));
    expect(arenas).toEqual([
      [chunk, 2, 3],
      [chunk, 7, 3],
    ]);
    expect(arenas.every(([arena]) => arena === chunk)).toBe(true);
  });

  it('continues behind empty frames, and behind those that are too long', () => {
    const stream = Buffer.concat([
      frameOf(Buffer.alloc(0)),
      frameOf(Buffer.alloc(0xffff)),
      frameOf(Buffer.from('small')),
      frameOf(Buffer.alloc(MAX_BYTES + 1)),
      frameOf(Buffer.from('last')),
    ]);
    for (const sizes of [[1], [1_000], [stream.length]]) {
      const { parser, frames } = framesOf(split(stream, sizes));
      expect(frames.map(String)).toEqual(['small', 'last']);
      expect({ frames: parser.frames, oversized: parser.oversized }).toEqual({ frames: 5, oversized: 2 });
    }
  });

  it('takes longer frames once its limit is raised, as in the middle of a chunk', () => {
    const parser = new FrameParser(10);
    const lengths: number[] = [];
    parser.parse(Buffer.concat([frameOf(Buffer.alloc(10)), frameOf(Buffer.alloc(500))]), (_arena, _offset, length) => {
      lengths.push(length);
      parser.maxFrameBytes = MAX_BYTES;
    });
    expect(lengths).toEqual([10, 500]);
  });
});
