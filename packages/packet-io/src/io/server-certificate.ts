import { createSecureContext, type SecureContext } from 'node:tls';
import { textOf } from '@rtcd/boundary';
import { PacketIoError } from '../errors.ts';
import type { TlsIdentity } from '../packet-io.ts';

/** Makes the TLS context of the certificate that is current, once for each. One that cannot be used does not replace the one before. */
export class ServerCertificate {
  readonly #current: () => TlsIdentity;
  #identity: TlsIdentity;
  #context: SecureContext;

  /** Throws `PacketIoError` `invalid_option` for a certificate that cannot be used. */
  constructor(current: () => TlsIdentity) {
    this.#current = current;
    this.#identity = current();
    this.#context = contextOf(this.#identity);
  }

  get context(): SecureContext {
    const identity = this.#current();
    if (identity !== this.#identity) {
      this.#identity = identity;
      try {
        this.#context = contextOf(identity);
      } catch {
        // The one before may still be valid.
      }
    }
    return this.#context;
  }
}

function contextOf({ cert, key }: TlsIdentity): SecureContext {
  try {
    return createSecureContext({ cert, key, minVersion: 'TLSv1.2' });
  } catch (cause) {
    throw new PacketIoError('invalid_option', `tls: certificate and key cannot be used: ${textOf(cause)}`, { cause });
  }
}
