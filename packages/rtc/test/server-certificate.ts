import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { onTestFinished } from 'vitest';

/** A self-signed certificate of a server and its key, in a folder of their own. */
export interface ServerCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  remove(): void;
}

/** Makes a certificate for names and addresses, such as `DNS:localhost`, with OpenSSL's program. */
export function createServerCertificate(names: readonly string[]): ServerCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'rtcd-certificate-'));
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-keyout', keyFile];
  const subject = ['-subj', '/CN=rtcd.test', '-addext', `subjectAltName=${names.join(',')}`];
  execFileSync('openssl', ['req', '-x509', '-days', '1', ...key, '-out', certFile, ...subject], { stdio: 'pipe' });
  return { certFile, keyFile, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Trusts a certificate until the end of the test. */
export function trustCertificate({ certFile }: ServerCertificate): void {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, readFileSync(certFile, 'utf8')]);
  onTestFinished(() => setDefaultCACertificates(before));
}
