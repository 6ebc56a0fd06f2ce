import { checkSessionConfig, ProtocolError, type SessionConfig } from '@rtcd/protocol';
import { RtcError } from '../errors.ts';
import type { SessionNumber } from './messages.ts';

/** A session ID goes into SDP, where a space or a line break would become syntax. */
const PRINTABLE = /^[!-~]{1,128}$/;

/** The sessions of an SFU by their IDs, and which of them may join. Knows nothing of media, so that it answers at once. */
export class Roster {
  readonly #maxSessions: number;
  readonly #configs = new Map<SessionNumber, SessionConfig>();
  readonly #numbers = new Map<string, SessionNumber>();
  /** Sessions by group and call. Empty maps are removed. */
  readonly #groups = new Map<string, Map<string, Set<SessionConfig>>>();
  #lastNumber: SessionNumber = 0;

  constructor(maxSessions: number) {
    this.#maxSessions = maxSessions;
  }

  /** Number of sessions in all calls of all groups. */
  get size(): number {
    return this.#configs.size;
  }

  hasGroup(groupID: string): boolean {
    return this.#groups.has(groupID);
  }

  /** Configs of all sessions in a call in the order of their joins, or undefined if there is no such call. */
  sessions(groupID: string, callID: string): readonly SessionConfig[] | undefined {
    const call = this.#groups.get(groupID)?.get(callID);
    return call && [...call];
  }

  /** The config of a session in a call, or undefined if it is not in it. */
  session(groupID: string, callID: string, sessionID: string): SessionConfig | undefined {
    const number = this.#numbers.get(sessionKey({ groupID, sessionID }));
    const config = number === undefined ? undefined : this.#configs.get(number);
    return config?.callID === callID ? config : undefined;
  }

  /** The numbers of all sessions. */
  get numbers(): readonly SessionNumber[] {
    return [...this.#configs.keys()];
  }

  /** The config of a session that has not been removed. */
  configOf(number: SessionNumber): SessionConfig | undefined {
    return this.#configs.get(number);
  }

  /** Throws `RtcError` `unknown_session`. */
  numberOf(groupID: string, sessionID: string): SessionNumber {
    const number = this.#numbers.get(sessionKey({ groupID, sessionID }));
    if (number === undefined) throw new RtcError('unknown_session', `session ${sessionID} not found`);
    return number;
  }

  /** Adds a session and returns its number. Throws `RtcError` `invalid_config`, `session_exists` or `too_many_sessions`. */
  add(config: SessionConfig): SessionNumber {
    this.#check(config);
    const number = ++this.#lastNumber;
    this.#configs.set(number, config);
    this.#numbers.set(sessionKey(config), number);
    this.#callOf(config).add(config);
    return number;
  }

  /** Removes a session and returns its config; undefined if it was removed before. */
  remove(number: SessionNumber): SessionConfig | undefined {
    const config = this.#configs.get(number);
    if (config === undefined) return undefined;
    const { groupID, callID } = config;
    this.#configs.delete(number);
    this.#numbers.delete(sessionKey(config));
    const calls = this.#groups.get(groupID);
    const call = calls?.get(callID);
    call?.delete(config);
    if (call?.size === 0) calls?.delete(callID);
    if (calls?.size === 0) this.#groups.delete(groupID);
    return config;
  }

  #check(config: SessionConfig): void {
    try {
      checkSessionConfig(config);
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause;
      throw new RtcError('invalid_config', cause.message, { cause });
    }
    if (!PRINTABLE.test(config.sessionID)) {
      throw new RtcError(
        'invalid_config',
        'invalid SessionID value: should be up to 128 printable characters without spaces',
      );
    }
    if (this.#numbers.has(sessionKey(config))) {
      throw new RtcError('session_exists', `session ${config.sessionID} already exists`);
    }
    if (this.#configs.size >= this.#maxSessions) {
      throw new RtcError('too_many_sessions', `the limit of ${this.#maxSessions} sessions is reached`);
    }
  }

  #callOf({ groupID, callID }: SessionConfig): Set<SessionConfig> {
    let calls = this.#groups.get(groupID);
    if (!calls) {
      calls = new Map();
      this.#groups.set(groupID, calls);
    }
    let call = calls.get(callID);
    if (!call) {
      call = new Set();
      calls.set(callID, call);
    }
    return call;
  }
}

/** A client chooses its session IDs, so they are unique within its group only. */
const sessionKey = ({ groupID, sessionID }: Pick<SessionConfig, 'groupID' | 'sessionID'>) => `${groupID}\n${sessionID}`;
