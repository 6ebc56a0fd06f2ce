import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { ApiError, loadTlsIdentity } from '@rtcd/api';
import { textOf } from '@rtcd/boundary';
import type { Config } from '../../config/settings.ts';
import type { Finding, Level } from '../finding.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Programs that renew certificates do so weeks before the end. */
const SOON_DAYS = 14;

/** Examines the certificate of the API and of TLS for media. `host` is the name by which clients reach the API, if it is known. */
export async function checkCertificate(
  { tls }: Config['api']['http'],
  host: string | undefined,
  unixMs: number,
): Promise<Finding[]> {
  if (!tls.enable) return [];
  try {
    const { cert } = await loadTlsIdentity({ certFile: tls.cert_file, keyFile: tls.cert_key });
    return judgeCertificate(tls.cert_file, new X509Certificate(cert), host, unixMs);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return [
      finding(
        'error',
        `rtcd does not start: ${textOf(error)}.`,
        'Set api.http.tls.cert_file and api.http.tls.cert_key to the PEM files of one certificate and its key, which the user of rtcd can read.',
      ),
    ];
  }
}

/** Judges a certificate that can be used, as clients do. */
export function judgeCertificate(
  file: string,
  certificate: X509Certificate,
  host: string | undefined,
  unixMs: number,
): Finding[] {
  const findings = [...validity(file, certificate, unixMs), ...names(file, certificate, host)];
  if (findings.length > 0) return findings;
  return [
    finding(
      'ok',
      `The certificate in ${file} is valid until ${dayOf(certificate.validToDate)}, for ${namesOf(certificate)}.`,
    ),
  ];
}

function validity(file: string, { validFromDate, validToDate }: X509Certificate, unixMs: number): Finding[] {
  if (unixMs < validFromDate.getTime()) {
    return [
      finding(
        'error',
        `The certificate in ${file} is not valid before ${validFromDate.toISOString()}.`,
        'Set the clock of this machine, or replace the certificate.',
      ),
    ];
  }
  const days = Math.floor((validToDate.getTime() - unixMs) / DAY_MS);
  if (unixMs >= validToDate.getTime()) {
    return [
      finding('error', `The certificate in ${file} expired on ${dayOf(validToDate)}: clients do not connect.`, RENEW),
    ];
  }
  if (days >= SOON_DAYS) return [];
  return [finding('warning', `The certificate in ${file} expires on ${dayOf(validToDate)}, in ${days} days.`, RENEW)];
}

/** Clients do not look at the common name (RFC 9525 section 6.3). */
function names(file: string, certificate: X509Certificate, host: string | undefined): Finding[] {
  if (certificate.subjectAltName === undefined) {
    return [
      finding(
        'error',
        `The certificate in ${file} has no subject alternative name: clients do not accept it for any host.`,
        'Have it issued again with the host name of the API as a subject alternative name.',
      ),
    ];
  }
  if (host === undefined || isFor(certificate, host)) return [];
  return [
    finding(
      'error',
      `The certificate in ${file} is not for ${host}, but for ${namesOf(certificate)}.`,
      `Have it issued for ${host}, or let clients use a name that it is for.`,
    ),
  ];
}

const isFor = (certificate: X509Certificate, host: string): boolean =>
  (isIP(host) === 0 ? certificate.checkHost(host, { subject: 'never' }) : certificate.checkIP(host)) !== undefined;

const namesOf = ({ subjectAltName = '' }: X509Certificate): string =>
  subjectAltName.replaceAll(/(?:DNS|IP Address):/g, '');

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

const RENEW = 'Renew it: rtcd reads the new files within a minute.';

const finding = (level: Level, message: string, advice?: string): Finding => ({
  check: 'certificate',
  level,
  message,
  ...(advice !== undefined && { advice }),
});
