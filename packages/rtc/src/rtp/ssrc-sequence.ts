import type { Random } from '../ports.ts';

/**
 * Random SSRCs of which none comes twice: SRTP's packet numbers belong to an SSRC, and a second source under it would repeat those
 * of the first. Never zero, which some read as none.
 */
export function ssrcSequence(random: Random): () => number {
  const start = Buffer.from(random(8));
  let ssrc = start.readUInt32BE(0);
  // By an odd step, all 2^32 values come before the first one returns.
  const step = start.readUInt32BE(4) | 1;
  return () => {
    ssrc = (ssrc + step) >>> 0;
    if (ssrc === 0) ssrc = step >>> 0;
    return ssrc;
  };
}
