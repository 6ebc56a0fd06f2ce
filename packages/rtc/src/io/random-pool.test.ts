import { describe, expect, it } from 'vitest';
import { randomPool } from './random-pool.ts';

/** Fills with a counter, so that no byte may be seen twice. */
function counting() {
  let next = 0;
  let fills = 0;
  const random = randomPool((bytes) => {
    fills += 1;
    new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2).forEach((_, index, words) => {
      words[index] = ++next;
    });
  });
  return { random, fills: () => fills };
}

const wordOf = (bytes: Uint8Array) => Buffer.from(bytes).readUInt32LE();

describe('randomPool', () => {
  it('returns no byte twice, and requests many at a time', () => {
    const { random, fills } = counting();
    const words = Array.from({ length: 10_000 }, () => wordOf(random(4)));
    expect(new Set(words).size).toBe(10_000);
    expect(words).not.toContain(0);
    expect(fills()).toBe(10);
  });

  it('returns bytes that the caller owns', () => {
    const { random } = counting();
    const first = random(8);
    const before = [...first];
    random(8).fill(255);
    expect([...first]).toEqual(before);
    expect(first.buffer.byteLength).toBe(8);
  });

  it('returns none, all, and more than all', () => {
    const random = randomPool();
    for (const size of [0, 1, 4095, 4096, 4097, 10_000]) expect(random(size)).toHaveLength(size);
    expect(random(10_000).some((byte) => byte !== 0)).toBe(true);
  });
});
