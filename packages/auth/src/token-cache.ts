import { randomBytes } from 'node:crypto';
import { AuthError } from './errors.ts';
import type { MonotonicClock } from './ports.ts';

/** 24 random bytes are 32 characters of base64url. */
const TOKEN_BYTES = 24;

interface TokenSession {
  readonly clientID: string;
  readonly expiresAtMs: number;
}

/** Bearer tokens, one live per client, in memory only: a restart logs out all clients. */
export interface TokenCache {
  /** Makes a new token; the client's previous one is void from here on. */
  issue(clientID: string): string;
  /** The client a token stands for. Throws `unauthorized`: `token is invalid` or `session is expired`. */
  clientOf(token: string): string;
  revoke(clientID: string): void;
}

export function createTokenCache(lifetimeMs: number, clock: MonotonicClock): TokenCache {
  const sessionOfToken = new Map<string, TokenSession>();
  const tokenOfClient = new Map<string, string>();

  function revoke(clientID: string): void {
    const token = tokenOfClient.get(clientID);
    if (token !== undefined) {
      tokenOfClient.delete(clientID);
      sessionOfToken.delete(token);
    }
  }

  return {
    revoke,
    issue(clientID) {
      revoke(clientID);
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      tokenOfClient.set(clientID, token);
      sessionOfToken.set(token, { clientID, expiresAtMs: clock.nowMs() + lifetimeMs });
      return token;
    },
    clientOf(token) {
      const session = sessionOfToken.get(token);
      if (session === undefined) throw new AuthError('unauthorized', 'token is invalid');
      if (clock.nowMs() > session.expiresAtMs) {
        revoke(session.clientID);
        throw new AuthError('unauthorized', 'session is expired');
      }
      return session.clientID;
    },
  };
}
