import { Buffer } from 'node:buffer';
import { check, sourceNetwork, validate } from '@rtcd/boundary';
import { AuthError } from './errors.ts';
import { fitsBcrypt, hashKey, MAX_KEY_BYTES, verifyKey } from './keys.ts';
import { isStoreError, type KeyValueStore } from './ports.ts';
import type { Throttle } from './throttle.ts';
import { createVerifiedKeys } from './verified-keys.ts';

/** The shortest key that may be registered. Bytes, as the original counts: 16 characters of two bytes are enough. */
export const MIN_KEY_BYTES = 32;

/** The longest client ID; stores have limits of their own, and this is below those of the ones we know. */
export const MAX_CLIENT_ID_BYTES = 512;

export interface RegistrationsOptions {
  readonly store: KeyValueStore;
  readonly throttle: Throttle;
  readonly hashCost: number;
}

/** Registered clients: their IDs and the hashes of their keys, in the store. */
export interface Registrations {
  /** `source` is the network address of the sender: its operations wait for each other. */
  add(clientID: string, authKey: string, source: string): Promise<void>;
  remove(clientID: string): Promise<void>;
  /** Resolves if the key is the one that the client registered. */
  check(clientID: string, authKey: string, source: string): Promise<void>;
}

export function createRegistrations({ store, throttle, hashCost }: RegistrationsOptions): Registrations {
  const verifiedKeys = createVerifiedKeys();

  async function findHash(clientID: string): Promise<string | undefined> {
    validate('clientID', clientID, check.string, (message) => new AuthError('invalid_client_id', message));
    if (clientID === '') throw new AuthError('invalid_client_id', 'error: empty key');
    if (Buffer.byteLength(clientID) > MAX_CLIENT_ID_BYTES) {
      throw new AuthError('invalid_client_id', `error: client id longer than ${MAX_CLIENT_ID_BYTES} bytes`);
    }
    if (!clientID.isWellFormed()) {
      throw new AuthError('invalid_client_id', 'error: client id is not well-formed Unicode');
    }
    try {
      return await store.get(clientID);
    } catch (error) {
      if (isStoreError(error, 'not_found')) return undefined;
      throw error;
    }
  }

  return {
    async add(clientID, authKey, source) {
      checkKeyType(authKey);
      if (Buffer.byteLength(authKey) < MIN_KEY_BYTES) throw new AuthError('invalid_key', 'key not long enough');
      if (!fitsBcrypt(authKey)) throw new AuthError('invalid_key', `key longer than ${MAX_KEY_BYTES} bytes`);
      if ((await findHash(clientID)) !== undefined) throw new AuthError('already_registered', 'already registered');
      const keyHash = await throttle.run({ source: sourceNetwork(source), clientID }, () => hashKey(authKey, hashCost));
      try {
        await store.put(clientID, keyHash);
      } catch (error) {
        throw isStoreError(error, 'conflict')
          ? new AuthError('already_registered', 'already registered', { cause: error })
          : error;
      }
    },

    async remove(clientID) {
      if ((await findHash(clientID)) === undefined) throw new AuthError('not_registered', 'error: not found');
      await store.delete(clientID);
    },

    async check(clientID, authKey, source) {
      checkKeyType(authKey);
      const keyHash = await findHash(clientID);
      if (keyHash === undefined) throw new AuthError('not_registered', 'error: not found');
      if (verifiedKeys.has(clientID, authKey, keyHash)) return;
      const matches = await throttle.run({ source: sourceNetwork(source), clientID }, () =>
        verifyKey(authKey, keyHash),
      );
      // A client that was unregistered while we hashed is not let in.
      if (!matches || (await findHash(clientID)) !== keyHash) throw new AuthError('unauthorized', 'wrong key');
      verifiedKeys.add(clientID, authKey, keyHash);
    },
  };
}

function checkKeyType(authKey: string): void {
  validate('authKey', authKey, check.string, (message) => new AuthError('invalid_key', message));
}
