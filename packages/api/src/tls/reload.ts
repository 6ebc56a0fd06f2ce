import type { Logger } from '@rtcd/boundary';
import { loadTlsIdentity, type TlsFiles, type TlsIdentity } from './identity.ts';

export interface TlsReloadOptions {
  readonly files: TlsFiles;
  /** Identity that the server uses now. */
  readonly current: TlsIdentity;
  readonly intervalMs: number;
  readonly logger: Logger;
  onChange(identity: TlsIdentity): void;
}

/**
 * Looks at the files again and again, and hands over a new certificate. Reading them, rather than waiting for file
 * system events, also sees links that are pointed elsewhere, as mounted secrets are. A pair that is not right (one file
 * may be written before the other) is left alone until it is. Returns the function that stops it.
 */
export function watchTlsIdentity({ files, current, intervalMs, logger, onChange }: TlsReloadOptions): () => void {
  let last = current;
  let complaint = '';
  let looking = false;
  let stopped = false;

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      const identity = await loadTlsIdentity(files);
      complaint = '';
      if (stopped || (identity.cert === last.cert && identity.key === last.key)) return;
      onChange(identity);
      last = identity;
      logger.info({ certFile: files.certFile, expiresAt: identity.expiresAt }, 'TLS certificate reloaded');
    } catch (error) {
      const { message } = error as Error;
      if (message !== complaint) {
        complaint = message;
        logger.error({ err: error }, 'TLS certificate not reloaded, previous one kept');
      }
    } finally {
      looking = false;
    }
  }

  if (current.expiresAt.getTime() < Date.now()) {
    logger.warn({ certFile: files.certFile, expiresAt: current.expiresAt }, 'TLS certificate expired');
  }
  const timer = setInterval(() => void look(), intervalMs).unref();
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}
