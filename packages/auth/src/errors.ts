import { textOf } from '@rtcd/boundary';

/**
 * Error codes, for callers that branch on them.
 *
 * - `invalid_client_id`, `invalid_key`, `already_registered`, `not_registered`: what was asked for cannot be.
 * - `unauthorized`: credentials or token that do not hold.
 * - `throttled`: more hash work is waiting than can be done in time; the client should try again.
 * - `invalid_option`: an option of `createAuth` is not usable; the message names it.
 * - `store_failed`: the store broke; `cause` has its error.
 */
export type AuthErrorCode =
  | 'invalid_client_id'
  | 'invalid_key'
  | 'already_registered'
  | 'not_registered'
  | 'unauthorized'
  | 'throttled'
  | 'invalid_option'
  | 'store_failed';

/** Every rejection of this package. The message is what the contract has clients see. */
export class AuthError extends Error {
  readonly code: AuthErrorCode;

  constructor(code: AuthErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AuthError';
    this.code = code;
  }
}

/** Awaits the work; what it rejects with gets what was being done in front of its message. */
export async function describingErrors<T>(doing: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw describeError(doing, error);
  }
}

/** The same error with what was being done in front of its message. */
export function describeError(doing: string, error: unknown): AuthError {
  const message = textOf(error);
  const code = error instanceof AuthError ? error.code : 'store_failed';
  return new AuthError(code, `${doing}: ${message}`, { cause: error });
}
