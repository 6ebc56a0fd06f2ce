import type { LocalAddress } from '@rtcd/packet-io';
import type { RtcMessage } from '@rtcd/protocol';
import { RtcError } from './errors.ts';
import type { Candidate } from './ice/candidate.ts';
import type { CallSnapshot, CallSummary } from './inspect/call-snapshot.ts';
import type { SessionSnapshot, SessionSummary } from './inspect/snapshot.ts';
import type { Engine } from './sfu/engine.ts';
import { SfuFront, type SfuFrontParts } from './sfu/front.ts';
import type { EngineEvent, EngineRefusal } from './sfu/messages.ts';
import type { EngineTotals } from './sfu/questions.ts';

/** Totals of an SFU since it was opened. */
export interface SfuStats extends EngineTotals {
  /** Sessions now. */
  readonly sessions: number;
}

/** A recording of a session's packets. It ends with `stop` alone: after the session's end it has what came before. */
export interface SessionCapture {
  /** Ends the recording and returns it as a pcapng file. Empty if it was stopped before. */
  stop(): Uint8Array;
}

/** A selective forwarding unit: calls, their sessions, and one set of sockets for all of them. A roster in front of an engine. */
export class Sfu extends SfuFront {
  readonly #engine: Engine;
  /** The engine's refusal of the message that it is handling. */
  #refusal: EngineRefusal | undefined;

  private constructor(engine: Engine, parts: Pick<SfuFrontParts, 'maxSessions' | 'logger'>) {
    super({ ...parts, send: (command) => engine.handle(command) });
    this.#engine = engine;
  }

  /** Opens the sockets by `openEngine`, and rejects as that does. */
  static async open(
    openEngine: (onEvent: (event: EngineEvent) => void) => Promise<Engine>,
    parts: Pick<SfuFrontParts, 'maxSessions' | 'logger'>,
  ): Promise<Sfu> {
    // There are no events before the first command.
    let onEvent = (_event: EngineEvent): void => {};
    const engine = await openEngine((event) => onEvent(event));
    const sfu = new Sfu(engine, parts);
    onEvent = (event) => sfu.onEngineEvent(event);
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

  /** Adds up the counters of all sessions: meant for the scrapes of a monitoring system. */
  stats(): SfuStats {
    return { sessions: this.roster.size, ...this.#engine.totals() };
  }

  override receive(message: RtcMessage): void {
    super.receive(message);
    const refusal = this.#refusal;
    this.#refusal = undefined;
    if (refusal) throw new RtcError(refusal.code, refusal.reason, { cause: refusal.cause });
  }

  /** All sessions at a glance, in the order of their joins. */
  summaries(): readonly SessionSummary[] {
    return this.#engine.summaries();
  }

  /** Returns the state of one session, as plain data. Throws `RtcError` `unknown_session`. */
  inspect(groupID: string, sessionID: string): SessionSnapshot {
    const snapshot = this.#engine.inspect(this.roster.numberOf(groupID, sessionID));
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
    const stop = this.#engine.startCapture(this.roster.numberOf(groupID, sessionID));
    if (!stop) throw new RtcError('too_many_captures', 'the session is already being captured, or four others are');
    return { stop };
  }

  /** Ends all sessions and closes the sockets. */
  async close(): Promise<void> {
    this.endJoins();
    await this.#engine.close();
  }

  protected override onRefused(refusal: EngineRefusal): void {
    this.#refusal = refusal;
  }
}
