import { describe, expect, it } from 'vitest';
import {
  derBitString,
  derExplicit,
  derInteger,
  derObjectIdentifier,
  derSequence,
  derSet,
  derTime,
  derUtf8String,
} from './der.ts';

describe('DER', () => {
  it.each([
    [derInteger(Buffer.of(0)), '020100'],
    [derInteger(Buffer.of(0, 0, 0x7f)), '02017f'],
    [derInteger(Buffer.of(0x80)), '02020080'],
    [derInteger(Buffer.of(0, 0)), '020100'],
    [derObjectIdentifier('1.2.840.113549'), '06062a864886f70d'],
    [derObjectIdentifier('2.5.4.3'), '0603550403'],
    [derUtf8String('é'), '0c02c3a9'],
    [derBitString(Buffer.of(0xaa)), '030200aa'],
    [derSequence(derInteger(Buffer.of(1)), derInteger(Buffer.of(2))), '3006020101020102'],
    [derSet(), '3100'],
    [derExplicit(0, derInteger(Buffer.of(2))), 'a003020102'],
    [derTime(Date.UTC(2049, 11, 31, 23, 59, 59)), `170d${Buffer.from('491231235959Z').toString('hex')}`],
    [derTime(Date.UTC(2050, 0, 1)), `180f${Buffer.from('20500101000000Z').toString('hex')}`],
  ])('%# is %s', (value, hex) => {
    expect(value.toString('hex')).toBe(hex);
  });

  it('writes lengths in their shortest form', () => {
    expect(derUtf8String('a'.repeat(127)).subarray(0, 2).toString('hex')).toBe('0c7f');
    expect(derUtf8String('a'.repeat(128)).subarray(0, 3).toString('hex')).toBe('0c8180');
    expect(derUtf8String('a'.repeat(256)).subarray(0, 4).toString('hex')).toBe('0c820100');
  });
});
