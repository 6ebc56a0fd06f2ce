import { availableParallelism } from 'node:os';
import { check, type Logger, silentLogger, systemClock, validate } from '@rtcd/boundary';
import { parseAuthorization } from './authorization-header.ts';
import { AuthError, describeError, describingErrors } from './errors.ts';
import { createAdminKeyCheck } from './keys.ts';
import type { KeyValueStore, MonotonicClock } from './ports.ts';
import { promptStore } from './prompt-store.ts';
import { createRegistrations } from './registrations.ts';
import { createThrottle, type ThrottleOptions } from './throttle.ts';
import { createTokenCache } from './token-cache.ts';

/** bcrypt's work factor for new registrations: 2 to the power of this many rounds. */
export const DEFAULT_HASH_COST = 10;

/** Node's default. Hashing runs on these threads. */
const LIBUV_THREADS = 4;

/** Default limits on hash work: 12 operations per second and CPU core leave most of the machine to media. */
export const DEFAULT_THROTTLE: ThrottleOptions = {
  operationsPerSecond: 12 * availableParallelism(),
  burst: 1,
  maxWaitMs: 10_000,
  maxConcurrent: Math.min(availableParallelism(), Number(process.env.UV_THREADPOOL_SIZE) || LIBUV_THREADS),
};

/** Options of `createAuth`. Only `store` and `sessionExpirationMinutes` are required. */
export interface AuthOptions {
  readonly store: KeyValueStore;
  readonly sessionExpirationMinutes: number;
  /** Key that authenticates the admin. If omitted, there is no admin. */
  readonly adminSecretKey?: string | undefined;
  /** 4 to 31; each step doubles the work. Default 10. */
  readonly hashCost?: number | undefined;
  readonly throttle?: ThrottleOptions | undefined;
  readonly clock?: MonotonicClock | undefined;
  readonly logger?: Logger | undefined;
}

const optionsCheck = check.object<AuthOptions>({
  store: check.object<KeyValueStore>({ get: check.func, put: check.func, delete: check.func }),
  sessionExpirationMinutes: check.positiveNumber,
  adminSecretKey: check.optional(check.string),
  hashCost: check.optional(check.integer(4, 31)),
  throttle: check.optional(
    check.object<ThrottleOptions>({
      operationsPerSecond: check.positiveNumber,
      burst: check.integer(1, 1),
      maxWaitMs: check.positiveNumber,
      maxConcurrent: check.optional(check.integer(1)),
    }),
  ),
  clock: check.optional(check.object<MonotonicClock>({ nowMs: check.func })),
  logger: check.optional(check.logger),
});

/** Sender of a request. An admin is not a client and has an empty clientID. */
export interface Caller {
  readonly clientID: string;
  readonly admin: boolean;
}

/**
 * Registrations and logins of clients. Every method rejects, or throws, with an `AuthError`.
 *
 * `source` is the network address of the sender. Where many want to be hashed at once, sources take turns: a flood from one address makes
 * another one wait for a single operation. Without it, all senders are one.
 */
export interface Auth {
  /** Keys have 32 bytes at least and 72 bytes at most. */
  register(clientID: string, authKey: string, source?: string): Promise<void>;
  /** Voids the client's bearer token as well. */
  unregister(clientID: string): Promise<void>;
  /** Resolves if the key is the one that the client registered. */
  authenticate(clientID: string, authKey: string, source?: string): Promise<void>;
  /** A new bearer token for the client; the one before is void. */
  login(clientID: string, authKey: string, source?: string): Promise<string>;
  /** The client that a bearer token belongs to. */
  clientOfToken(token: string): string;
  /** Authenticates a request with this `Authorization` header: bearer, admin or basic, in this order. */
  authorize(authorization: string | undefined, source?: string): Promise<Caller>;
}

/** Makes the authentication service on a store. Throws `AuthError` `invalid_option`. */
export function createAuth(options: AuthOptions): Auth {
  validate('options', options, optionsCheck, (message) => new AuthError('invalid_option', message));
  const { hashCost = DEFAULT_HASH_COST, clock = systemClock, logger = silentLogger } = options;
  const throttle = createThrottle(options.throttle ?? DEFAULT_THROTTLE, clock);
  const registrations = createRegistrations({ store: promptStore(options.store), throttle, hashCost });
  const tokens = createTokenCache(options.sessionExpirationMinutes * 60_000, clock);
  const isAdminKey = createAdminKeyCheck(options.adminSecretKey);

  async function register(clientID: string, authKey: string, source = ''): Promise<void> {
    await describingErrors('registration failed', registrations.add(clientID, authKey, source));
    logger.debug({ clientID }, 'client registered');
  }

  async function unregister(clientID: string): Promise<void> {
    await describingErrors('unregister failed', registrations.remove(clientID));
    tokens.revoke(clientID);
    logger.debug({ clientID }, 'client unregistered');
  }

  async function authenticate(clientID: string, authKey: string, source = ''): Promise<void> {
    try {
      await registrations.check(clientID, authKey, source);
    } catch (error) {
      if (!(error instanceof AuthError)) throw describeError('authentication failed', error);
      // A wrong key is reported in two words, everything else with its reason.
      const message = error.code === 'unauthorized' ? '' : `: ${error.message}`;
      const code = error.code === 'throttled' ? 'throttled' : 'unauthorized';
      throw new AuthError(code, `authentication failed${message}`, { cause: error });
    }
  }

  async function login(clientID: string, authKey: string, source?: string): Promise<string> {
    await describingErrors('login failed', authenticate(clientID, authKey, source));
    return tokens.issue(clientID);
  }

  function clientOfToken(token: string): string {
    try {
      return tokens.clientOf(token);
    } catch (error) {
      throw describeError('authentication failed', error);
    }
  }

  async function authorize(authorization: string | undefined, source?: string): Promise<Caller> {
    const credentials = parseAuthorization(authorization);
    if (credentials === undefined) throw new AuthError('unauthorized', 'authentication failed: invalid auth header');
    if (credentials.scheme === 'bearer') return { clientID: clientOfToken(credentials.token), admin: false };
    if (isAdminKey(credentials.authKey)) return { clientID: '', admin: true };
    if (credentials.clientID === '') throw new AuthError('unauthorized', 'authentication failed: unauthorized');
    try {
      await authenticate(credentials.clientID, credentials.authKey, source);
    } catch (error) {
      // Which half of the pair is wrong stays in the cause, for the log.
      throw error instanceof AuthError && error.code === 'unauthorized'
        ? new AuthError('unauthorized', 'authentication failed', { cause: error })
        : error;
    }
    return { clientID: credentials.clientID, admin: false };
  }

  return { register, unregister, authenticate, login, clientOfToken, authorize };
}
