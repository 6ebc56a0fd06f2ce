import { describe, expect, it } from 'vitest';
import { newID, zBase32 } from './id.ts';

describe('zBase32', () => {
  // From "human-oriented base-32 encoding" by Zooko O'Whielacronx, section "examples": whole-byte inputs.
  it.each([
    ['', ''],
    ['f0bfc7', '6n9hq'],
    ['d47a04', '4t7ye'],
  ])('%s is %s', (hex, text) => {
    expect(zBase32(Buffer.from(hex, 'hex'))).toBe(text);
  });

  it('maps 5 bits at a time onto the alphabet in order', () => {
    let bits = '';
    for (let value = 0; value < 32; value++) bits += value.toString(2).padStart(5, '0');
    const bytes = Uint8Array.from(bits.match(/.{8}/g)!, (byte) => Number.parseInt(byte, 2));
    expect(zBase32(bytes)).toBe('ybndrfg8ejkmcpqxot1uwisza345h769');
  });
});

describe('newID', () => {
  it('has 26 characters of the alphabet and does not repeat', () => {
    const ids = Array.from({ length: 1000 }, newID);
    for (const id of ids) expect(id).toMatch(/^[ybndrfg8ejkmcpqxot1uwisza345h769]{26}$/);
    expect(new Set(ids).size).toBe(1000);
  });
});
