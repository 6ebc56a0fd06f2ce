import { describe, expect, it } from 'vitest';
import { RtcError } from '../../errors.ts';
import { createDtlsCertificate } from './certificate.ts';
import { certificateFingerprint, checkFingerprint, isSupportedFingerprint, matchesFingerprint } from './fingerprint.ts';

const { der, fingerprint } = createDtlsCertificate();

describe('matchesFingerprint', () => {
  it.each(['sha-256', 'sha-384', 'sha-512'])('compares by %s, in either case', (algorithm) => {
    const value = certificateFingerprint(der, algorithm);
    expect(matchesFingerprint(der, { algorithm, value })).toBe(true);
    expect(matchesFingerprint(der, { algorithm: algorithm.toUpperCase(), value: value.toLowerCase() })).toBe(true);
    expect(matchesFingerprint(createDtlsCertificate().der, { algorithm, value })).toBe(false);
  });

  it('never matches by an algorithm that is not one of ours', () => {
    expect(matchesFingerprint(der, { algorithm: 'sha-1', value: fingerprint })).toBe(false);
    expect(matchesFingerprint(der, { algorithm: 'constructor', value: '' })).toBe(false);
  });
});

describe('isSupportedFingerprint', () => {
  it.each([
    ['sha-1', 'AB:'.repeat(19).concat('AB')],
    ['md5', 'AB:'.repeat(15).concat('AB')],
    ['toString', fingerprint],
    ['sha-256', fingerprint.slice(3)],
    ['sha-512', fingerprint],
    ['sha-256', fingerprint.replaceAll(':', '')],
    ['sha-256', fingerprint.replace(/^../, 'XY')],
    ['', ''],
  ])('refuses %s %s', (algorithm, value) => {
    expect(isSupportedFingerprint({ algorithm, value })).toBe(false);
    expect(() => checkFingerprint({ algorithm, value })).toThrow(RtcError);
  });

  it('accepts what a browser announces', () => {
    expect(isSupportedFingerprint({ algorithm: 'sha-256', value: fingerprint })).toBe(true);
    expect(() => checkFingerprint({ algorithm: 'SHA-256', value: fingerprint.toLowerCase() })).not.toThrow();
  });
});
