import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { textOf } from '@rtcd/boundary';
import { ApiError } from '../errors.ts';

/** Paths of the PEM files. */
export interface TlsFiles {
  /** The certificate, followed by its chain. */
  readonly certFile: string;
  /** Its private key, not encrypted. */
  readonly keyFile: string;
}

/** A certificate and its key, known to belong together. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
  readonly expiresAt: Date;
}

/** Reads and checks both files. Rejects with `invalid_certificate`, naming the file that is wrong. */
export async function loadTlsIdentity({ certFile, keyFile }: TlsFiles): Promise<TlsIdentity> {
  const [cert, key] = await Promise.all([readPem(certFile, 'TLS certificate'), readPem(keyFile, 'TLS private key')]);
  const certificate = parse(certFile, 'a PEM certificate', () => new X509Certificate(cert));
  const privateKey: KeyObject = parse(keyFile, 'an unencrypted PEM private key', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ApiError(
      'invalid_certificate',
      `the private key in ${keyFile} does not belong to the TLS certificate in ${certFile}`,
    );
  }
  return { cert, key, expiresAt: new Date(certificate.validTo) };
}

async function readPem(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : textOf(cause);
    throw new ApiError('invalid_certificate', `cannot read the ${what} ${file}: ${reason}`, { cause });
  }
}

function parse<T>(file: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new ApiError('invalid_certificate', `${file} does not contain ${what}`, { cause });
  }
}
