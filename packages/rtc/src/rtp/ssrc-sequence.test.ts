import { expect, it } from 'vitest';
import { ssrcSequence } from './ssrc-sequence.ts';

it('returns no SSRC twice, and never zero, however poor the random bytes are', () => {
  for (const byte of [0x00, 0x7f, 0xff]) {
    const next = ssrcSequence((sizeBytes) => new Uint8Array(sizeBytes).fill(byte));
    const ssrcs = Array.from({ length: 10_000 }, next);
    expect(new Set(ssrcs).size).toBe(ssrcs.length);
    expect(ssrcs).not.toContain(0);
  }
});
