import type { LocalAddress } from '@rtcd/packet-io';
import { RtcError } from '../errors.ts';
import type { Candidate } from '../ice/candidate.ts';
import type { CallSnapshot, CallSummary } from '../inspect/call-snapshot.ts';
import type { SessionSnapshot, SessionSummary } from '../inspect/snapshot.ts';
import { completeMetrics } from '../metrics.ts';
import { type Logger, type RtcMetrics, silentLogger } from '../ports.ts';
import { SfuFront } from '../sfu/front.ts';
import type { EngineCommand, EngineRefusal } from '../sfu/messages.ts';
import { checkSfuOptions, MAX_SESSIONS_DEFAULT, type SfuOptions } from '../sfu/sfu-options.ts';
import type { SfuStats } from '../sfu.ts';
import { Backlog } from './backlog.ts';
import { EngineLink } from './engine-link.ts';
import { replayLog } from './log-relay.ts';
import { replayMetrics } from './metrics-relay.ts';
import type { EngineReport, EngineThreadOptions } from './protocol.ts';

/** Options of an SFU on a thread of its own: clock, randomness, name resolution and sockets are that thread's. */
export interface SfuThreadOptions extends EngineThreadOptions, Pick<SfuOptions, 'logger' | 'metrics' | 'maxSessions'> {}

/** A recording of a session's packets, as `SessionCapture`. */
export interface ThreadCapture {
  /** Ends the recording and resolves with it as a pcapng file. Empty if it was stopped before. */
  stop(): Promise<Uint8Array>;
}

interface ThreadPorts {
  readonly logger: Logger;
  readonly metrics: RtcMetrics;
  readonly maxSessions: number;
}

/** A thread that ends so many times within this time is not started again. */
const MAX_RESTARTS = 3;
const RESTARTS_WITHIN_MS = 60_000;

/**
 * An SFU whose media runs on a thread of its own, where nothing else delays a packet. Who is in which call is answered at once, as by `Sfu`; what
 * the engine knows is asked for. If the thread ends, all its sessions have ended, and another one takes its place.
 */
export class SfuThread extends SfuFront {
  readonly #options: EngineThreadOptions;
  readonly #ports: ThreadPorts;
  readonly #backlog = new Backlog();
  #link: EngineLink | undefined;
  #restarts: readonly number[] = [];
  /** The thread is being started, for the first time or again. */
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: EngineThreadOptions, ports: ThreadPorts) {
    super({ ...ports, send: (command, groupID) => this.#command(command, groupID) });
    this.#options = options;
    this.#ports = ports;
  }

  /** Starts the thread and opens the sockets there. */
  static async open({ logger, metrics, maxSessions, ...options }: SfuThreadOptions = {}): Promise<SfuThread> {
    checkSfuOptions({
      ...options,
      ...(logger && { logger }),
      ...(metrics && { metrics }),
      ...(maxSessions !== undefined && { maxSessions }),
    });
    const sfu = new SfuThread(options, {
      logger: logger ?? silentLogger,
      metrics: completeMetrics(metrics),
      maxSessions: maxSessions ?? MAX_SESSIONS_DEFAULT,
    });
    await sfu.#start();
    return sfu;
  }

  /** Addresses that the sockets are bound to. */
  get localAddresses(): readonly LocalAddress[] {
    return this.#link?.localAddresses ?? [];
  }

  /** Addresses that were advertised to peers when the sockets were opened. */
  get candidates(): readonly Candidate[] {
    return this.#link?.candidates ?? [];
  }

  /** Adds up the counters of all sessions: meant for the scrapes of a monitoring system. */
  async stats(): Promise<SfuStats> {
    const totals = await this.#engine.ask({ type: 'totals' });
    return { sessions: this.roster.size, ...totals };
  }

  /** All sessions at a glance, in the order of their joins. */
  summaries(): Promise<readonly SessionSummary[]> {
    return this.#engine.ask({ type: 'sessions' });
  }

  /** Resolves with the state of one session, as plain data. Rejects with `RtcError` `unknown_session`. */
  async inspect(groupID: string, sessionID: string): Promise<SessionSnapshot> {
    const session = this.roster.numberOf(groupID, sessionID);
    const snapshot = await this.#engine.ask({ type: 'session', session });
    if (!snapshot) throw new RtcError('unknown_session', `session ${sessionID} is closing`);
    return snapshot;
  }

  /** All calls at a glance. */
  callSummaries(): Promise<readonly CallSummary[]> {
    return this.#engine.ask({ type: 'calls' });
  }

  /** Resolves with the state of a call, as plain data. Rejects with `RtcError` `unknown_call`. */
  async inspectCall(groupID: string, callID: string): Promise<CallSnapshot> {
    const snapshot = await this.#engine.ask({ type: 'call', groupID, callID });
    if (!snapshot) throw new RtcError('unknown_call', `call ${callID} not found`);
    return snapshot;
  }

  /** Records one session's packets, as `Sfu.capture` does. Rejects with `RtcError` `unknown_session` or `too_many_captures`. */
  async capture(groupID: string, sessionID: string): Promise<ThreadCapture> {
    const session = this.roster.numberOf(groupID, sessionID);
    const engine = this.#engine;
    const capture = await engine.ask({ type: 'start_capture', session });
    if (capture === undefined) {
      throw new RtcError('too_many_captures', 'the session is already being captured, or four others are');
    }
    return { stop: () => engine.ask({ type: 'stop_capture', capture }) };
  }

  /** Ends all sessions, the sockets, and the thread. */
  close(): Promise<void> {
    this.endJoins();
    this.#closing ??= this.#end();
    return this.#closing;
  }

  protected override onRefused({ groupID, sessionID, code, reason, cause }: EngineRefusal): void {
    this.notify('refused', { groupID, sessionID, error: new RtcError(code, reason, { cause }) });
  }

  get #engine(): EngineLink {
    if (this.#link === undefined) throw new RtcError('closed', 'the engine of the SFU is not running');
    return this.#link;
  }

  #start(): Promise<void> {
    this.#starting = this.#open();
    return this.#starting;
  }

  async #open(): Promise<void> {
    this.#link = await EngineLink.open(this.#options, {
      onReport: (report) => this.#onReport(report),
      onLost: (error) => this.#onLost(error),
    });
  }

  /** A thread that is being started is ended once it runs. One that fails to start has ended itself, and been reported. */
  async #end(): Promise<void> {
    await this.#starting?.catch(() => {});
    await this.#link?.close();
  }

  #command(command: EngineCommand, groupID: string): void {
    const engine = this.#engine;
    this.#backlog.add(command, groupID);
    engine.command({ groupID, command: standalone(command) });
  }

  #onReport({ events, done, logs, metrics }: EngineReport): void {
    this.#backlog.done(done);
    for (const event of events) this.onEngineEvent(event);
    replayLog(logs, this.#ports.logger);
    replayMetrics(metrics, this.#ports.metrics);
    if (metrics.dropped > 0)
      this.#ports.logger.warn({ dropped: metrics.dropped }, 'observations of the engine dropped');
  }

  #onLost(error: Error): void {
    this.#link = undefined;
    this.#backlog.clear();
    this.#ports.logger.error({ err: error, sessions: this.roster.size }, 'media engine lost: its sessions have ended');
    for (const { groupID } of this.roster.configs) this.#ports.metrics.sessionClosed(groupID);
    this.removeAll('engine lost');
    const nowMs = performance.now();
    this.#restarts = [...this.#restarts.filter((atMs) => nowMs - atMs < RESTARTS_WITHIN_MS), nowMs];
    if (this.#restarts.length > MAX_RESTARTS) throw error;
    this.#start().then(
      () => this.#ports.logger.info({}, 'media engine started again'),
      (cause) => {
        throw new Error('the media engine cannot be started again', { cause });
      },
    );
  }
}

/**
 * Starts an SFU on a thread of its own, and opens its sockets there. Rejects with `RtcError` 'invalid_option' for what cannot be meant, and with
 * `PacketIoError` 'address_in_use' and its like for what the machine refuses.
 */
export function openSfuThread(options?: SfuThreadOptions): Promise<SfuThread> {
  return SfuThread.open(options);
}

/** Cloning bytes clones all of the memory that they are a part of. */
const standalone = (command: EngineCommand): EngineCommand =>
  command.type === 'message'
    ? { ...command, message: { ...command.message, data: new Uint8Array(command.message.data) } }
    : command;
