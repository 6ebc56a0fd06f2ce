import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deflate, inflate } from '../src/zlib.ts';
import type { Zlib } from '../src/zlib-format.ts';
import { nodeZlib } from '../src/zlib-node.ts';
import { portableZlib } from '../src/zlib-portable.ts';

const MAX_BYTES = 1024 * 1024;
const implementations: readonly (readonly [string, Zlib])[] = [
  ['node', nodeZlib()!],
  ['portable', portableZlib],
];
const text = new TextEncoder().encode('a=ssrc:12345 cname:alice\r\n'.repeat(10_000));

describe.each(implementations)('zlib by %s', (_name, zlib) => {
  it.each(implementations)('inflates what %s deflates', (_other, other) => {
    expect(Buffer.compare(inflate(deflate(text, other), MAX_BYTES, zlib), text)).toBe(0);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
        expect([...inflate(deflate(bytes, other), MAX_BYTES, zlib)]).toEqual([...bytes]);
      }),
      { numRuns: 50 },
    );
  });

  it('stops over the limit, and accepts data just within it', () => {
    const bomb = deflateSync(new Uint8Array(64 * MAX_BYTES), { level: 9 });
    expect(() => inflate(bomb, MAX_BYTES, zlib)).toThrow(expect.objectContaining({ code: 'too_large' }));
    expect(() => inflate(deflate(text, zlib), text.length - 1, zlib)).toThrow(
      expect.objectContaining({ code: 'too_large' }),
    );
    expect(inflate(deflate(text, zlib), text.length, zlib)).toHaveLength(text.length);
  });

  it('refuses truncated, altered, and invalid zlib data', () => {
    const compressed = deflate(text, zlib);
    const altered = Uint8Array.from(compressed);
    altered[altered.length - 1]! ^= 1;
    for (const bytes of [
      new Uint8Array(),
      new Uint8Array(1),
      new Uint8Array(100),
      compressed.subarray(0, -5),
      altered,
    ]) {
      expect(() => inflate(bytes, MAX_BYTES, zlib)).toThrow(expect.objectContaining({ code: 'invalid_message' }));
    }
  });
});
