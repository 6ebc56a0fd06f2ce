import { describe, expect, it } from 'vitest';
import { openCookie, sealCookie } from './cookie.ts';

const KEY = Buffer.alloc(32, 1);
const PEER = {
  initiateTag: 0xfedcba98,
  receiverWindowBytes: 0xffffffff,
  outboundStreams: 65_535,
  inboundStreams: 1,
  initialTsn: 7,
  forwardTsn: true,
  reConfig: false,
};

describe('the state cookie', () => {
  it('opens what was sealed', () => {
    expect(openCookie(sealCookie(PEER, KEY, 1000.5), KEY, 61_000)).toEqual(PEER);
  });

  it('is invalid after a minute, with another key, or with any bit changed', () => {
    const cookie = sealCookie(PEER, KEY, 1000);
    expect(openCookie(cookie, KEY, 61_001)).toBeUndefined();
    expect(openCookie(cookie, Buffer.alloc(32, 2), 1000)).toBeUndefined();
    for (let bit = 0; bit < cookie.length * 8; bit += 1) {
      const changed = Buffer.from(cookie);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(openCookie(changed, KEY, 1000)).toBeUndefined();
    }
    for (let length = 0; length < cookie.length; length += 1) {
      expect(openCookie(cookie.subarray(0, length), KEY, 1000)).toBeUndefined();
    }
  });
});
