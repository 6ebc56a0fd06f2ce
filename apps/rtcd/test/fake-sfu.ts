import { EventEmitter } from 'node:events';
import type { RtcMessage, SessionConfig } from '@rtcd/protocol';
import {
  type CallSnapshot,
  type CallSummary,
  DROP_REASONS,
  type DropReason,
  RtcError,
  type SessionCapture,
  type SessionSnapshot,
  type SessionSummary,
  type SfuEvents,
  type SfuStats,
} from '@rtcd/rtc';
import type { OpenSfu, SfuLike } from '../src/index.ts';

/** An SFU without media: it knows its sessions, records what it is told, and says what the test wants it to. */
export class FakeSfu extends EventEmitter<SfuEvents> implements SfuLike {
  isReady = true;
  readonly localAddresses = [];
  readonly candidates = [];
  readonly received: RtcMessage[] = [];
  /** Session IDs, in the order of the calls. */
  readonly resumed: string[] = [];
  readonly drops = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>;
  readonly #sessions = new Map<string, SessionConfig>();
  #heard: () => void = () => {};

  readonly create: OpenSfu = async () => this;

  get sessionCount(): number {
    return this.#sessions.size;
  }

  join(config: SessionConfig): void {
    const ids = { GroupID: config.groupID, CallID: config.callID, UserID: config.userID, SessionID: config.sessionID };
    const empty = Object.entries(ids).find(([, id]) => id === '');
    if (empty !== undefined) throw new RtcError('invalid_config', `invalid ${empty[0]} value: should not be empty`);
    const key = `${config.groupID} ${config.sessionID}`;
    if (this.#sessions.has(key)) throw new RtcError('session_exists', `session ${config.sessionID} already exists`);
    this.#sessions.set(key, config);
    this.#heard();
  }

  leave(groupID: string, sessionID: string): void {
    this.endSession(groupID, sessionID, 'left');
  }

  receive(message: RtcMessage): void {
    this.received.push(message);
    this.#heard();
  }

  resume(_groupID: string, sessionID: string): void {
    this.resumed.push(sessionID);
    this.#heard();
  }

  stats(): SfuStats {
    return {
      sessions: this.sessionCount,
      drops: this.drops,
      videoStreams: [],
      paths: { udp: 0, tcp: 0 },
      busySeconds: 0,
    };
  }

  summaries(): readonly SessionSummary[] {
    return [];
  }

  inspect(_groupID: string, sessionID: string): SessionSnapshot {
    throw new RtcError('unknown_session', `session ${sessionID} not found`);
  }

  callSummaries(): readonly CallSummary[] {
    return [];
  }

  inspectCall(_groupID: string, callID: string): CallSnapshot {
    throw new RtcError('unknown_call', `call ${callID} not found`);
  }

  capture(_groupID: string, sessionID: string): SessionCapture {
    throw new RtcError('unknown_session', `session ${sessionID} not found`);
  }

  sessions(groupID: string, callID: string): readonly SessionConfig[] | undefined {
    const found = [...this.#sessions.values()].filter((it) => it.groupID === groupID && it.callID === callID);
    return found.length > 0 ? found : undefined;
  }

  session(groupID: string, callID: string, sessionID: string): SessionConfig | undefined {
    return this.sessions(groupID, callID)?.find((config) => config.sessionID === sessionID);
  }

  hasGroup(groupID: string): boolean {
    return [...this.#sessions.values()].some((config) => config.groupID === groupID);
  }

  async close(): Promise<void> {
    for (const { groupID, sessionID } of [...this.#sessions.values()]) this.endSession(groupID, sessionID, 'shutdown');
  }

  /** Ends a session as the SFU does for reasons of its own. */
  endSession(groupID: string, sessionID: string, reason: string): void {
    const key = `${groupID} ${sessionID}`;
    const config = this.#sessions.get(key);
    if (config === undefined) throw new RtcError('unknown_session', 'no such session');
    this.#sessions.delete(key);
    this.emit('sessionClosed', { config, reason });
    this.#heard();
  }

  /** Says something to the client of a session. */
  say(config: Pick<SessionConfig, 'groupID' | 'sessionID'>, type: RtcMessage['type'], data = new Uint8Array()): void {
    const { groupID, sessionID } = config;
    this.emit('message', { groupID, sessionID, userID: 'user', callID: 'call', type, data });
  }

  /** Resolves when the condition holds; it is looked at whenever something was asked of the SFU. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }
}
