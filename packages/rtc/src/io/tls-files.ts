import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { textOf } from '@rtcd/boundary';
import type { TlsIdentity } from '@rtcd/packet-io';
import { RtcError } from '../errors.ts';
import type { Clock, Logger } from '../ports.ts';

/** Paths of PEM files: a certificate with its chain, and its private key. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Certificates are renewed days before they expire. */
const LOOK_INTERVAL_MS = 60_000;

/** The certificate in two files, which is read again as it is renewed. A pair that does not match is left alone until it does. */
export class TlsCertificate {
  readonly #files: TlsFiles;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #identity: TlsIdentity;
  #complaint = '';
  #timer: unknown;
  #isClosed = false;

  private constructor(files: TlsFiles, identity: TlsIdentity, clock: Clock, logger: Logger) {
    this.#files = files;
    this.#identity = identity;
    this.#clock = clock;
    this.#logger = logger;
    this.#wait();
  }

  /** Reads both files. Rejects with `RtcError` `invalid_option` that names the file which cannot be used. */
  static async open(files: TlsFiles, clock: Clock, logger: Logger): Promise<TlsCertificate> {
    return new TlsCertificate(files, await readTlsFiles(files), clock, logger);
  }

  /** Another object once the certificate has changed. */
  get identity(): TlsIdentity {
    return this.#identity;
  }

  /** Looks no more. */
  close(): void {
    this.#isClosed = true;
    this.#clock.clearTimer(this.#timer);
  }

  #wait(): void {
    this.#timer = this.#clock.setTimer(() => void this.#look(), LOOK_INTERVAL_MS);
  }

  async #look(): Promise<void> {
    const { certFile } = this.#files;
    try {
      const { cert, key } = await readTlsFiles(this.#files);
      this.#complaint = '';
      if (cert !== this.#identity.cert || key !== this.#identity.key) {
        this.#identity = { cert, key };
        this.#logger.info({ certFile }, 'TLS certificate for media reloaded');
      }
    } catch (error) {
      const reason = textOf(error);
      if (reason !== this.#complaint) this.#logger.warn({ reason }, 'TLS certificate for media not reloaded');
      this.#complaint = reason;
    }
    if (!this.#isClosed) this.#wait();
  }
}

async function readTlsFiles({ certFile, keyFile }: TlsFiles): Promise<TlsIdentity> {
  const [cert = '', key = ''] = await Promise.all([certFile, keyFile].map(readPem));
  const certificate = parse(certFile, 'a PEM certificate', () => new X509Certificate(cert));
  const privateKey = parse(keyFile, 'an unencrypted PEM private key', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new RtcError(
      'invalid_option',
      `the private key in ${keyFile} does not belong to the certificate in ${certFile}`,
    );
  }
  return { cert, key };
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new RtcError('invalid_option', `cannot read the TLS file ${file}: ${textOf(cause)}`, { cause });
  }
}

function parse<T>(file: string, expected: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new RtcError('invalid_option', `${file} does not contain ${expected}`, { cause });
  }
}
