import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createServerCertificate } from '../../../../../packages/rtc/test/server-certificate.ts';
import { judgeCertificate } from './certificate.ts';

const DAY_MS = 24 * 60 * 60_000;

function certificate(names: readonly string[]): X509Certificate {
  const { certFile, remove } = createServerCertificate(names);
  const made = new X509Certificate(readFileSync(certFile));
  remove();
  return made;
}

const ours = certificate(['DNS:rtcd.example.com', 'DNS:*.rtcd.example.com', 'IP:192.0.2.7']);
const judge = (host: string | undefined, days: number) =>
  judgeCertificate('tls.crt', ours, host, ours.validToDate.getTime() - days * DAY_MS);

describe('the certificate', () => {
  it.each([
    ['has expired', 0, 'error', 'expired on'],
    ['expires soon', 0.5, 'warning', 'in 0 days'],
    ['is not valid yet', 20, 'error', 'is not valid before'],
  ])('is reported when it %s', (_, days, level, text) => {
    expect(judge(undefined, days)).toMatchObject([
      { check: 'certificate', level, message: expect.stringContaining(text), advice: expect.any(String) },
    ]);
  });

  it.each(['rtcd.example.com', 'a.rtcd.example.com', '192.0.2.7', undefined])('is right for %s', (host) => {
    expect(judge(host, 0.5)).toHaveLength(1);
  });

  it.each(['example.com', '192.0.2.8'])('is wrong for %s', (host) => {
    expect(judge(host, 0.5)[1]).toMatchObject({
      level: 'error',
      message: expect.stringContaining(`is not for ${host}`),
    });
  });
});
