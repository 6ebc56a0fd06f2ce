import type { Random } from '../ports.ts';

/** Numbers from 0 up to, not with, 1: the same for the same seed. The generator is "mulberry32": 32 bits of state, good enough for losing packets. */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bytes in place of a cryptographic source: never outside of tests. */
export function seededBytes(seed: number): Random {
  const next = seededNumbers(seed);
  return (sizeBytes) => Uint8Array.from({ length: sizeBytes }, () => Math.floor(next() * 256));
}
