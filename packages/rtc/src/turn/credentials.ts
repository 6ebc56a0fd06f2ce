import { createHmac } from 'node:crypto';
import { check, validate } from '@rtcd/boundary';
import { RtcError } from '../errors.ts';

/** User name and password for a TURN server. */
export interface TurnCredentials {
  readonly username: string;
  readonly credential: string;
}

/** Options of `createTurnCredentials`. */
export interface TurnCredentialsOptions {
  /** The secret that the TURN server shares with us: `static-auth-secret` of coturn. */
  readonly secret: string;
  /** Name that the TURN server logs, for example a session ID. Not empty, without line breaks, at most 256 characters. */
  readonly user: string;
  /** Time from which the credentials expire, in milliseconds since 1970. Default: now. */
  readonly unixMs?: number;
  /** Minutes until the credentials expire: more than 0, less than a week. Default 1440, a day. */
  readonly expirationMinutes?: number;
}

/** Minutes until credentials expire, unless configured. */
export const EXPIRATION_MINUTES_DEFAULT = 1440;
/** TURN credentials are meant to be short-lived: less than a week. */
export const MAX_EXPIRATION_MINUTES = 7 * 24 * 60 - 1;
const MAX_USER_CHARACTERS = 256;

const optionsCheck = check.object<TurnCredentialsOptions>({
  secret: check.string,
  user: check.string,
  unixMs: check.optional(check.integer(0)),
  expirationMinutes: check.optional(check.integer(1, MAX_EXPIRATION_MINUTES)),
});

/**
 * Makes time-limited credentials for TURN servers that share a secret with us, as coturn does with `use-auth-secret`: the user name is
 * `<expiry>:<user>` with the expiry in seconds since 1970, and the password is its HMAC-SHA1 under the secret, in base64. The server needs to know no users.
 *
 * Throws `RtcError` `invalid_option` if the secret or the user is empty, or a value is out of range.
 */
export function createTurnCredentials(options: TurnCredentialsOptions): TurnCredentials {
  validate('options', options, optionsCheck, invalidOption);
  const { secret, user, unixMs = Date.now(), expirationMinutes = EXPIRATION_MINUTES_DEFAULT } = options;
  if (secret === '') throw invalidOption('secret is empty: set it to the static-auth-secret of the TURN server');
  if (user === '' || user.length > MAX_USER_CHARACTERS || /[\r\n]/.test(user)) {
    throw invalidOption(`user should be one line of 1 to ${MAX_USER_CHARACTERS} characters`);
  }
  const username = `${Math.floor(unixMs / 1000) + expirationMinutes * 60}:${user}`;
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}

const invalidOption = (message: string) => new RtcError('invalid_option', message);
