import { EventEmitter } from 'node:events';
import { check, notifyListeners, textOf, validate } from '@rtcd/boundary';
import { type RtcMessage, RtcMessageType, type SessionConfig } from '@rtcd/protocol';
import { RtcError } from '../errors.ts';
import type { Logger } from '../ports.ts';
import type { EngineCommand, EngineEvent, EngineRefusal, SessionNumber } from './messages.ts';
import { Roster } from './roster.ts';

/** Events that an SFU reports to its owner. */
export interface SfuEvents {
  /** For the client: SDP for the peer, and VoiceOn and VoiceOff. */
  message: [RtcMessage];
  /** A session has ended, and why. */
  sessionClosed: [{ readonly config: SessionConfig; readonly reason: string }];
  /** A message was refused after `receive` had taken it. Only an SFU on a thread of its own reports that so late. */
  refused: [{ readonly groupID: string; readonly sessionID: string; readonly error: RtcError }];
  /**
   * A listener of one of these events threw, or its promise was rejected: `listener_failed`, with its error as the cause. Sessions and other listeners are not affected. Without
   * a listener for it, the error becomes a warning of the process.
   */
  listenerError: [RtcError];
}

/** Dependencies of the front of an SFU. */
export interface SfuFrontParts {
  readonly maxSessions: number;
  readonly logger: Logger;
  send(command: EngineCommand, groupID: string): void;
}

/** The half of an SFU that answers at once: who is in which call. Media is the engine's. */
export abstract class SfuFront extends EventEmitter<SfuEvents> {
  protected readonly roster: Roster;
  readonly #parts: SfuFrontParts;
  #isClosed = false;

  protected constructor(parts: SfuFrontParts) {
    super();
    this.roster = new Roster(parts.maxSessions);
    this.#parts = parts;
  }

  /** Reports whether sessions may join. */
  get isReady(): boolean {
    return !this.#isClosed;
  }

  /** Sessions in all calls of all groups. */
  get sessionCount(): number {
    return this.roster.size;
  }

  /** Returns whether a group has a session in any call. */
  hasGroup(groupID: string): boolean {
    return this.roster.hasGroup(groupID);
  }

  /** The configs of all sessions in a call, or undefined if there is no such call. */
  sessions(groupID: string, callID: string): readonly SessionConfig[] | undefined {
    return this.roster.sessions(groupID, callID);
  }

  /** The config that a session joined with, or undefined if it is not in this call. */
  session(groupID: string, callID: string, sessionID: string): SessionConfig | undefined {
    return this.roster.session(groupID, callID, sessionID);
  }

  /** Adds a session to a call. Throws `RtcError` `invalid_config`, `session_exists`, `too_many_sessions`, `too_many_messages` or `closed`. */
  join(config: SessionConfig): void {
    if (this.#isClosed) throw new RtcError('closed', 'the SFU is closed');
    const session = this.roster.add(config);
    try {
      this.#parts.send({ type: 'open_session', session, config }, config.groupID);
    } catch (error) {
      this.roster.remove(session);
      throw error;
    }
    // Only an engine on the same thread has done it already.
    if (!this.roster.configOf(session)) throw new RtcError('closed', `session ${config.sessionID} has ended at once`);
  }

  /** Ends a session. Throws `RtcError` `unknown_session`. */
  leave(groupID: string, sessionID: string): void {
    const session = this.roster.numberOf(groupID, sessionID);
    this.#parts.send({ type: 'close_session', session, reason: 'left' }, groupID);
    // Its ID is free for another session at once, wherever the engine is.
    this.#removed(session, 'left');
  }

  /**
   * Takes a message of the client `message.groupID` about one of its sessions. Throws `RtcError` `unknown_session`,
   * `invalid_message`, `invalid_sdp`, `screen_taken` or `too_many_messages`; the session continues, unless that was its first offer.
   */
  receive(message: RtcMessage): void {
    validate('message', message, messageCheck, (text) => new RtcError('invalid_message', text));
    const session = this.roster.numberOf(message.groupID, message.sessionID);
    this.#parts.send({ type: 'message', session, message }, message.groupID);
  }

  /**
   * Tells that the way from a client to a session's peer was interrupted and is there again, as by the contract's `reconnect`. Descriptions that
   * may have been lost are made again. Throws `RtcError` `unknown_session`.
   */
  resume(groupID: string, sessionID: string): void {
    this.#parts.send({ type: 'resume', session: this.roster.numberOf(groupID, sessionID) }, groupID);
  }

  /** Takes no more sessions. */
  protected endJoins(): void {
    this.#isClosed = true;
  }

  protected onEngineEvent(event: EngineEvent): void {
    switch (event.type) {
      case 'message':
        // Another session may have the ID of one that has left.
        if (this.roster.configOf(event.session)) this.notify('message', event.message);
        return;
      case 'session_closed':
        return this.#removed(event.session, event.reason);
      case 'refused':
        return this.onRefused(event);
      default:
        event satisfies never;
    }
  }

  /** Removes all sessions: the engine has ended. */
  protected removeAll(reason: string): void {
    for (const session of this.roster.numbers) this.#removed(session, reason);
  }

  protected abstract onRefused(refusal: EngineRefusal): void;

  protected notify<Name extends 'message' | 'sessionClosed' | 'refused'>(event: Name, ...args: SfuEvents[Name]): void {
    notifyListeners(this, event, args, (cause) => this.#onListenerError(event, cause));
  }

  #onListenerError(event: string, cause: unknown): void {
    const { logger } = this.#parts;
    const error = new RtcError('listener_failed', `a listener of "${event}" failed: ${textOf(cause)}`, { cause });
    logger.error({ err: error }, 'listener failed');
    if (this.listenerCount('listenerError') === 0) process.emitWarning(error);
    notifyListeners(this, 'listenerError', [error], (err) => logger.error({ err }, 'listener failed'));
  }

  #removed(session: SessionNumber, reason: string): void {
    const config = this.roster.remove(session);
    if (config) this.notify('sessionClosed', { config, reason });
  }
}

const messageCheck = check.object<Pick<RtcMessage, 'groupID' | 'sessionID' | 'type' | 'data'>>({
  groupID: check.string,
  sessionID: check.string,
  type: check.oneOf(...Object.values(RtcMessageType)),
  data: check.bytes,
});
