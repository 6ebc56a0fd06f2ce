import { Buffer } from 'node:buffer';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const MAX_CLIENTS = 10_000;

/**
 * Keys that were found to be right, so that a client that reconnects costs no hash. Only digests under a key of this process are kept;
 * each covers the stored hash too, so that it ends with the registration.
 */
export interface VerifiedKeys {
  has(clientID: string, authKey: string, storedHash: string): boolean;
  add(clientID: string, authKey: string, storedHash: string): void;
}

/** Remembers the last `maxClients` clients. */
export function createVerifiedKeys(maxClients = MAX_CLIENTS): VerifiedKeys {
  const secret = randomBytes(32);
  const digests = new Map<string, Uint8Array>();

  // A bcrypt hash has no NUL.
  const digest = (authKey: string, storedHash: string) =>
    createHmac('sha256', secret).update(`${storedHash}\0`).update(Buffer.from(authKey)).digest();

  function remember(clientID: string, value: Uint8Array): void {
    digests.delete(clientID);
    digests.set(clientID, value);
    const [oldest] = digests.keys();
    if (digests.size > maxClients && oldest !== undefined) digests.delete(oldest);
  }

  return {
    has(clientID, authKey, storedHash) {
      const known = digests.get(clientID);
      if (known === undefined || !timingSafeEqual(known, digest(authKey, storedHash))) return false;
      remember(clientID, known);
      return true;
    },
    add(clientID, authKey, storedHash) {
      remember(clientID, digest(authKey, storedHash));
    },
  };
}
