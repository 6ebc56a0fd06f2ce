import { describe, expect, it } from 'vitest';
import { createProtector, createUnprotector, PROFILES, rtpPacket, testKeys } from './packets.ts';

const CYCLE = 0x10000;

describe.each(PROFILES)('%s', (profile) => {
  /** A sender and a receiver of one stream; packets are named by their index: rollover counter and sequence number in one. */
  function createStream() {
    const keys = testKeys(profile);
    const protector = createProtector(keys);
    const { receiver } = createUnprotector(keys);
    return (index: number) => {
      const rolloverCounter = Math.floor(index / CYCLE);
      const isTaken = receiver.unprotectRtp(protector.rtp(rtpPacket(index % CYCLE), rolloverCounter)) > 0;
      if (isTaken) expect(receiver.rolloverCounter).toBe(rolloverCounter);
      return isTaken;
    };
  }

  it.each([1, 2, 100, 29_999, 30_000])('continues after a gap of %i across the wrap', (gap) => {
    const receive = createStream();
    const last = CYCLE - Math.ceil(gap / 2);
    expect(receive(last)).toBe(true);
    expect(receive(last + gap)).toBe(true);
    expect(receive(last + gap + 1)).toBe(true);
  });

  it('continues through many cycles with the largest gaps', () => {
    const receive = createStream();
    for (let index = 17; index < 10 * CYCLE; index += 30_000) expect(receive(index)).toBe(true);
  });

  it('accepts a stream that begins at the very end of a cycle', () => {
    const receive = createStream();
    expect(receive(CYCLE - 1)).toBe(true);
    expect(receive(CYCLE)).toBe(true);
  });

  it('accepts packets that swapped places around the wrap, each once', () => {
    const receive = createStream();
    const order = [CYCLE - 2, CYCLE + 1, CYCLE - 1, CYCLE, CYCLE + 2];
    expect(order.map(receive)).toEqual([true, true, true, true, true]);
    expect(order.map(receive)).toEqual([false, false, false, false, false]);
  });

  it('drops late packets from before the first cycle', () => {
    const receive = createStream();
    expect(receive(2)).toBe(true);
    expect(receive(CYCLE - 1)).toBe(false);
    expect(receive(3)).toBe(true);
  });
});
