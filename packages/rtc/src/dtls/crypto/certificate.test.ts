import { createHash, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createDtlsCertificate } from './certificate.ts';

describe('createDtlsCertificate', () => {
  it('creates a self-signed certificate that other implementations can read', () => {
    const nowMs = Date.UTC(2030, 4, 6, 7, 8, 9);
    const { der, privateKey } = createDtlsCertificate({ commonName: 'sfu.example', nowMs });
    const certificate = new X509Certificate(der);
    expect(certificate.subject).toBe('CN=sfu.example');
    expect(certificate.issuer).toBe('CN=sfu.example');
    expect(certificate.validFromDate.getTime()).toBe(Date.UTC(2030, 4, 5, 7, 8, 9));
    expect(certificate.validToDate.getTime()).toBe(Date.UTC(2031, 4, 6, 7, 8, 9));
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(privateKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });

  it('returns the SHA-256 fingerprint as written in SDP', () => {
    const { der, fingerprint } = createDtlsCertificate();
    expect(fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(fingerprint.replaceAll(':', '').toLowerCase()).toBe(createHash('sha256').update(der).digest('hex'));
    expect(fingerprint).toBe(new X509Certificate(der).fingerprint256);
  });

  it('creates a different one each time, valid now', () => {
    const certificates = Array.from({ length: 20 }, () => new X509Certificate(createDtlsCertificate().der));
    expect(new Set(certificates.map(({ serialNumber }) => serialNumber)).size).toBe(20);
    for (const { validFromDate, validToDate } of certificates) {
      expect(validFromDate.getTime()).toBeLessThan(Date.now());
      expect(validToDate.getTime()).toBeGreaterThan(Date.now());
    }
  });

  it('writes dates from 2050 on as GeneralizedTime', () => {
    const { der } = createDtlsCertificate({ nowMs: Date.UTC(2049, 11, 31) });
    expect(new X509Certificate(der).validToDate.getTime()).toBe(Date.UTC(2050, 11, 31));
  });
});
