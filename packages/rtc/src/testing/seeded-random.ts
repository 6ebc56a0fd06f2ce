import { seededRandom } from '@rtcd/packet-io/testing';
import type { Random } from '../ports.ts';

/** Bytes in place of a cryptographic source: never outside of tests. */
export function seededBytes(seed: number): Random {
  const next = seededRandom(seed);
  return (sizeBytes) => Uint8Array.from({ length: sizeBytes }, () => Math.floor(next() * 256));
}
