import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface CertificateFiles {
  readonly certificatePemFile?: string;
  readonly keyPemFile?: string;
}

/** libdatachannel makes an ECDSA certificate by itself, and reads any other from files. */
export function certificateFiles(kind: 'ecdsa' | 'rsa'): CertificateFiles {
  if (kind === 'ecdsa') return {};
  const folder = mkdtempSync(join(tmpdir(), 'libdatachannel-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const keyPemFile = join(folder, 'key.pem');
  const certificatePemFile = join(folder, 'certificate.pem');
  const subject = ['-subj', '/CN=peer', '-days', '2'];
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', keyPemFile];
  execFileSync('openssl', ['req', '-x509', ...key, ...subject, '-out', certificatePemFile], { stdio: 'ignore' });
  return { certificatePemFile, keyPemFile };
}
