import type { IncomingMessage } from 'node:http';
import { type Auth, AuthError } from '@rtcd/auth';

/** A refused upgrade; the WebSocket server answers with its status and message. */
class UpgradeRefusal extends Error {
  readonly status: 401 | 503;

  constructor(status: 401 | 503, message: string, options: ErrorOptions) {
    super(message, options);
    this.name = 'UpgradeRefusal';
    this.status = status;
  }
}

/** Authenticates the sender of an upgrade to a WebSocket. */
export function createUpgradeAuthentication(auth: Auth) {
  return async (request: IncomingMessage): Promise<{ readonly clientID: string }> => {
    try {
      return await auth.authorize(request.headers.authorization, request.socket.remoteAddress);
    } catch (error) {
      if (!(error instanceof AuthError) || error.code === 'store_failed') throw error;
      throw new UpgradeRefusal(error.code === 'throttled' ? 503 : 401, error.message, { cause: error });
    }
  };
}
