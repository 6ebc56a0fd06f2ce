import { describe, expect, it } from 'vitest';
import { decodeFirstInteger } from './messagepack.ts';

describe('decodeFirstInteger', () => {
  it.each([
    ['fixint', [9], 9],
    ['uint 8', [0xcc, 9], 9],
    ['uint 16', [0xcd, 0, 9], 9],
    ['uint 32', [0xce, 0, 0, 0, 9], 9],
    ['uint 64', [0xcf, 0, 0, 0, 0, 0, 0, 0, 9], 9],
    ['int 8', [0xd0, 9], 9],
    ['int 64', [0xd3, 0, 0, 0, 0, 0, 0, 0, 9], 9],
  ])('reads %s, whatever follows', (_, bytes, value) => {
    expect(decodeFirstInteger(Uint8Array.from(bytes))).toBe(value);
    expect(decodeFirstInteger(Uint8Array.from([...bytes, 0xdf, 0xff]))).toBe(value);
  });

  it.each([
    ['a map', [0x81]],
    ['a string', [0xa1, 0x39]],
    ['a float', [0xca, 0, 0, 0, 0]],
    ['a negative fixint', [0xff]],
  ])('returns undefined for %s', (_, bytes) => {
    expect(decodeFirstInteger(Uint8Array.from(bytes))).toBeUndefined();
  });

  it.each([
    ['nothing', []],
    ['half of a number', [0xcd, 0]],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeFirstInteger(Uint8Array.from(bytes))).toThrow();
  });
});
