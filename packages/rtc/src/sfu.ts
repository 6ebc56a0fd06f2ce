import { EventEmitter } from 'node:events';
import { check, validate } from '@rtcd/boundary';
import type { LocalAddress } from '@rtcd/packet-io';
import { type RtcMessage, RtcMessageType, type SessionConfig } from '@rtcd/protocol';
import { RtcError } from './errors.ts';
import type { Candidate } from './ice/candidate.ts';
import type { CallSnapshot, CallSummary } from './inspect/call-snapshot.ts';
import type { DropCounts } from './inspect/drops.ts';
import type { SessionSnapshot, SessionSummary } from './inspect/snapshot.ts';
import type { VideoStreamCount } from './inspect/video-streams.ts';
import { Engine, type EngineParts } from './sfu/engine.ts';
import type { EngineEvent } from './sfu/messages.ts';
import { Roster } from './sfu/roster.ts';

/** Events that an SFU reports to its owner. */
export interface SfuEvents {
  /** For the client: SDP for the peer, and VoiceOn and VoiceOff. */
  message: [RtcMessage];
  /** A session has ended, and why. */
  sessionClosed: [{ readonly config: SessionConfig; readonly reason: string }];
}

/** Totals of an SFU since it was opened. */
export interface SfuStats {
  /** Sessions now. */
  readonly sessions: number;
  /** Packets and messages dropped, those of closed sessions included. */
  readonly drops: Readonly<DropCounts>;
  /** Videos that receivers are sent now, by their encodings. */
  readonly videoStreams: readonly VideoStreamCount[];
}

/** A recording of a session's packets. It ends with `stop` alone: after the session's end it has what came before. */
export interface SessionCapture {
  /** Ends the recording and returns it as a pcapng file. Empty if it was stopped before. */
  stop(): Uint8Array;
}

/** A selective forwarding unit: calls, their sessions, and one set of sockets for all of them. A roster in front of an engine. */
export class Sfu extends EventEmitter<SfuEvents> {
  readonly #roster: Roster;
  readonly #engine: Engine;
  /** The engine's refusal of the message that it is handling. */
  #refusal: Extract<EngineEvent, { type: 'refused' }> | undefined;
  #isClosed = false;

  private constructor(roster: Roster, engine: Engine) {
    super();
    this.#roster = roster;
    this.#engine = engine;
  }

  /** Opens the sockets. Rejects with `PacketIoError` if that fails, and with `RtcError` if it cannot advertise them. */
  static async open(parts: EngineParts, maxSessions: number): Promise<Sfu> {
    // There are no events before the first command.
    let onEvent = (_event: EngineEvent): void => {};
    const engine = await Engine.open(parts, (event) => onEvent(event));
    const sfu = new Sfu(new Roster(maxSessions), engine);
    onEvent = (event) => sfu.#onEvent(event);
    return sfu;
  }

  /** Addresses that the sockets are bound to. */
  get localAddresses(): readonly LocalAddress[] {
    return this.#engine.localAddresses;
  }

  /** Addresses that are advertised to peers. */
  get candidates(): readonly Candidate[] {
    return this.#engine.candidates;
  }

  /** Sessions in all calls of all groups. */
  get sessionCount(): number {
    return this.#roster.size;
  }

  /** Adds up the counters of all sessions: meant for the scrapes of a monitoring system. */
  stats(): SfuStats {
    return { sessions: this.#roster.size, drops: this.#engine.drops(), videoStreams: this.#engine.videoStreams() };
  }

  /** Returns whether a group has a session in any call. */
  hasGroup(groupID: string): boolean {
    return this.#roster.hasGroup(groupID);
  }

  /** The configs of all sessions in a call, or undefined if there is no such call. */
  sessions(groupID: string, callID: string): readonly SessionConfig[] | undefined {
    return this.#roster.sessions(groupID, callID);
  }

  /** The config that a session joined with, or undefined if it is not in this call. */
  session(groupID: string, callID: string, sessionID: string): SessionConfig | undefined {
    return this.#roster.session(groupID, callID, sessionID);
  }

  /** Adds a session to a call. Throws `RtcError` `invalid_config`, `session_exists`, `too_many_sessions` or `closed`. */
  join(config: SessionConfig): void {
    if (this.#isClosed) throw new RtcError('closed', 'the SFU is closed');
    const session = this.#roster.add(config);
    try {
      this.#engine.handle({ type: 'open_session', session, config });
    } catch (error) {
      this.#roster.remove(session);
      throw error;
    }
  }

  /** Ends a session. Throws `RtcError` `unknown_session`. */
  leave(groupID: string, sessionID: string): void {
    const session = this.#roster.numberOf(groupID, sessionID);
    this.#engine.handle({ type: 'close_session', session, reason: 'left' });
  }

  /**
   * Takes a message of the client `message.groupID` about one of its sessions. Throws `RtcError` `unknown_session`,
   * `invalid_message`, `invalid_sdp`, `screen_taken` or `too_many_messages`; the session continues, unless that was its first offer.
   */
  receive(message: RtcMessage): void {
    validate('message', message, messageCheck, (text) => new RtcError('invalid_message', text));
    const session = this.#roster.numberOf(message.groupID, message.sessionID);
    this.#engine.handle({ type: 'message', session, message });
    const refusal = this.#refusal;
    this.#refusal = undefined;
    if (refusal) throw new RtcError(refusal.code, refusal.reason, { cause: refusal.cause });
  }

  /**
   * Tells that the way from a client to a session's peer was interrupted and is there again, as by the contract's `reconnect`. Descriptions that
   * may have been lost are made again. Throws `RtcError` `unknown_session`.
   */
  resume(groupID: string, sessionID: string): void {
    this.#engine.handle({ type: 'resume', session: this.#roster.numberOf(groupID, sessionID) });
  }

  /** All sessions at a glance, in the order of their joins. */
  summaries(): readonly SessionSummary[] {
    return this.#engine.summaries();
  }

  /** Returns the state of one session, as plain data. Throws `RtcError` `unknown_session`. */
  inspect(groupID: string, sessionID: string): SessionSnapshot {
    const snapshot = this.#engine.inspect(this.#roster.numberOf(groupID, sessionID));
    if (!snapshot) throw new RtcError('unknown_session', `session ${sessionID} is closing`);
    return snapshot;
  }

  /** All calls at a glance. */
  callSummaries(): readonly CallSummary[] {
    return this.#engine.callSummaries();
  }

  /** Returns the state of a call, as plain data: what each member sends and receives. Throws `RtcError` `unknown_call`. */
  inspectCall(groupID: string, callID: string): CallSnapshot {
    const snapshot = this.#engine.inspectCall(groupID, callID);
    if (!snapshot) throw new RtcError('unknown_call', `call ${callID} not found`);
    return snapshot;
  }

  /**
   * Records one session's packets as they are without encryption: RTCP whole, of RTP the headers only, 16 MiB at most. The caller limits the
   * time. Throws `RtcError` `unknown_session`, or `too_many_captures` if the session is being recorded or four others are.
   */
  capture(groupID: string, sessionID: string): SessionCapture {
    const stop = this.#engine.startCapture(this.#roster.numberOf(groupID, sessionID));
    if (!stop) throw new RtcError('too_many_captures', 'the session is already being captured, or four others are');
    return { stop };
  }

  /** Ends all sessions and closes the sockets. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#engine.close();
  }

  #onEvent(event: EngineEvent): void {
    switch (event.type) {
      case 'message':
        this.emit('message', event.message);
        return;
      case 'session_closed': {
        const config = this.#roster.remove(event.session);
        if (config) this.emit('sessionClosed', { config, reason: event.reason });
        return;
      }
      case 'refused':
        this.#refusal = event;
        return;
      default:
        event satisfies never;
    }
  }
}

const messageCheck = check.object<Pick<RtcMessage, 'groupID' | 'sessionID' | 'type' | 'data'>>({
  groupID: check.string,
  sessionID: check.string,
  type: check.oneOf(...Object.values(RtcMessageType)),
  data: check.bytes,
});
