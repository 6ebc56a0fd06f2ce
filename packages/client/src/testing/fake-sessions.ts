import {
  type ClientMessage,
  checkSessionConfig,
  type JoinData,
  ProtocolError,
  type SessionConfig,
} from '@rtcd/protocol';
import { Refused } from './fake-clients.ts';

interface FakeSession {
  readonly config: SessionConfig;
  /** Connection that receives its messages. */
  connID: string;
}

/** Sessions by call and group, and rtcd's reaction to each message about them (contract section 3). */
export class FakeSessions {
  /** As a server that ends: no new calls. */
  isDraining = false;
  readonly #sessions: FakeSession[] = [];
  readonly #send: (connID: string, message: ClientMessage) => void;

  constructor(send: (connID: string, message: ClientMessage) => void) {
    this.#send = send;
  }

  get configs(): readonly SessionConfig[] {
    return this.#sessions.map(({ config }) => config);
  }

  /** Handles a message of an authenticated client. What makes no sense is dropped. */
  handle(groupID: string, connID: string, message: ClientMessage): void {
    switch (message.type) {
      case 'join':
        this.#join(groupID, connID, message.data);
        break;
      case 'leave':
        if (this.#find(groupID, message.data.sessionID)) this.close(message.data.sessionID);
        break;
      case 'reconnect': {
        const session = this.#find(groupID, message.data.sessionID);
        if (session !== undefined) session.connID = connID;
        break;
      }
    }
  }

  /** The connection that a session's messages go to. */
  connIDOf(sessionID: string): string | undefined {
    return this.#sessions.find(({ config }) => config.sessionID === sessionID)?.connID;
  }

  /** Ends a session and informs its client. */
  close(sessionID: string): void {
    const index = this.#sessions.findIndex(({ config }) => config.sessionID === sessionID);
    const [session] = index < 0 ? [] : this.#sessions.splice(index, 1);
    if (session !== undefined) this.#send(session.connID, { type: 'close', data: { sessionID } });
  }

  /** Forgets everything without a word, as a restart does. */
  clear(): void {
    this.#sessions.length = 0;
  }

  /** For `/calls/{callID}/sessions`. */
  inCall(groupID: string, callID: string): readonly SessionConfig[] {
    return this.#inCall(groupID, callID, 'failed to get session configs');
  }

  /** For `/calls/{callID}/sessions/{sessionID}`. */
  one(groupID: string, callID: string, sessionID: string): SessionConfig {
    const what = 'failed to get session config';
    const found = this.#inCall(groupID, callID, what).find((config) => config.sessionID === sessionID);
    if (found === undefined) throw new Refused(404, `${what}: session not found`);
    return found;
  }

  #inCall(groupID: string, callID: string, what: string): readonly SessionConfig[] {
    const group = this.configs.filter((config) => config.groupID === groupID);
    if (group.length === 0) throw new Refused(404, `${what}: group not found`);
    const call = group.filter((config) => config.callID === callID);
    if (call.length === 0) throw new Refused(404, `${what}: call not found`);
    return call;
  }

  #join(groupID: string, connID: string, { callID, userID, sessionID, ...props }: JoinData): void {
    const config = { groupID, callID, userID, sessionID, props };
    const isNewCall = !this.configs.some((other) => other.groupID === groupID && other.callID === callID);
    if (this.isDraining && isNewCall) {
      this.#send(connID, { type: 'close', data: { sessionID } });
    } else if (isValid(config) && this.#find(groupID, sessionID) === undefined) {
      this.#sessions.push({ config, connID });
    }
  }

  #find(groupID: string, sessionID: string): FakeSession | undefined {
    return this.#sessions.find(({ config }) => config.groupID === groupID && config.sessionID === sessionID);
  }
}

function isValid(config: SessionConfig): boolean {
  try {
    checkSessionConfig(config);
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}
