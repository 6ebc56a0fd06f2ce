import { describe, expect, it } from 'vitest';
import { classify, type DatagramKind } from './demux.ts';

/** RFC 7983 section 7, as the inclusive end of each range of first bytes. */
const RANGES: readonly [last: number, kind: DatagramKind][] = [
  [3, 'stun'],
  [19, 'unknown'],
  [63, 'dtls'],
  [127, 'unknown'],
  [191, 'rtp'],
  [255, 'unknown'],
];

describe('classify', () => {
  it('distinguishes protocols by each of the 256 first bytes', () => {
    for (let first = 0; first < 256; first++) {
      const kind = RANGES.find(([last]) => first <= last)?.[1];
      expect(classify(Uint8Array.of(first, 111))).toBe(kind);
    }
  });

  it('distinguishes RTCP from RTP by each of the 256 second bytes', () => {
    for (let second = 0; second < 256; second++) {
      expect(classify(Uint8Array.of(0x80, second))).toBe(second >= 192 && second <= 223 ? 'rtcp' : 'rtp');
    }
  });

  it('recognizes nothing in less than two bytes', () => {
    expect(classify(Uint8Array.of())).toBe('unknown');
    expect(classify(Uint8Array.of(0x80))).toBe('unknown');
  });
});
