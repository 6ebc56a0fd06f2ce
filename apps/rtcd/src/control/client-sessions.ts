import type { SessionConfig } from '@rtcd/protocol';
import { ControlError } from '../errors.ts';

/** A session and the connection that its messages go to now. */
export interface ClientSession {
  readonly config: SessionConfig;
  connID: string;
  /** The client has passed on a description of the peer. */
  hasDescription: boolean;
}

/** The sessions of each client. A client can only ever name its own. */
export class ClientSessions {
  readonly #clients = new Map<string, Map<string, ClientSession>>();

  add(config: SessionConfig, connID: string): ClientSession {
    const session = { config, connID, hasDescription: false };
    const sessions = this.#clients.get(config.groupID);
    if (sessions === undefined) {
      this.#clients.set(config.groupID, new Map([[config.sessionID, session]]));
    } else {
      sessions.set(config.sessionID, session);
    }
    return session;
  }

  find(clientID: string, sessionID: string): ClientSession | undefined {
    return this.#clients.get(clientID)?.get(sessionID);
  }

  /** Throws `unknown_session`. */
  require(clientID: string, sessionID: string): ClientSession {
    const session = this.find(clientID, sessionID);
    if (session === undefined) throw new ControlError('unknown_session', 'this client has no such session');
    return session;
  }

  /** Takes a session out, and returns it if it was there. */
  remove(clientID: string, sessionID: string): ClientSession | undefined {
    const sessions = this.#clients.get(clientID);
    const session = sessions?.get(sessionID);
    sessions?.delete(sessionID);
    if (sessions?.size === 0) this.#clients.delete(clientID);
    return session;
  }

  countOf(clientID: string): number {
    return this.#clients.get(clientID)?.size ?? 0;
  }
}
