import type { ThreadDiagnostics } from '@rtcd/boundary/diagnostics';
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
import { type BalancedGauges, balanceGauges } from './balanced-gauges.ts';
import { EngineDiagnostics } from './engine-diagnostics.ts';
import { EngineLink } from './engine-link.ts';
import { replayLog } from './log-relay.ts';
import { replayMetrics } from './metrics-relay.ts';
import type { EngineReport, EngineThreadOptions } from './protocol.ts';
import { RestartPace } from './restart-pace.ts';

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

/**
 * An SFU whose media runs on a thread of its own, where nothing else delays a packet. Who is in which call is answered at once, as by `Sfu`; what
 * the engine knows is asked for. If the thread ends, all its sessions have ended, and another one takes its place.
 */
export class SfuThread extends SfuFront {
  /** Looks into the engine's thread: its CPU time, its heap, and the delay of its event loop. */
  readonly diagnostics: ThreadDiagnostics = new EngineDiagnostics(() => this.#engine.worker);
  readonly #options: EngineThreadOptions;
  readonly #ports: ThreadPorts;
  readonly #gauges: BalancedGauges;
  readonly #backlog = new Backlog();
  #link: EngineLink | undefined;
  readonly #restarts = new RestartPace();
  #restartTimer: NodeJS.Timeout | undefined;
  /** The thread is being started, for the first time or again. */
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: EngineThreadOptions, ports: ThreadPorts) {
    super({ ...ports, send: (command, groupID) => this.#command(command, groupID) });
    this.#options = options;
    this.#ports = ports;
    this.#gauges = balanceGauges(ports.metrics);
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

  /** Reports whether sessions may join. False while the thread, which has ended, is started again. */
  override get isReady(): boolean {
    return super.isReady && this.#link !== undefined;
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
    clearTimeout(this.#restartTimer);
    await this.#starting?.catch(() => {});
    await this.#link?.close();
    // Nothing is left, unless the thread has ended by itself meanwhile.
    this.#gauges.endAll();
    this.removeAll('shutdown');
  }

  #command(command: EngineCommand, groupID: string): void {
    const engine = this.#engine;
    this.#backlog.add(command, groupID);
    engine.command({ groupID, command: standalone(command) });
  }

  #onReport({ events, dropped, done, logs, metrics }: EngineReport): void {
    const { logger } = this.#ports;
    this.#backlog.done(done);
    for (const event of events) this.onEngineEvent(event);
    replayLog(logs, logger);
    replayMetrics(metrics, this.#gauges.metrics);
    if (dropped > 0) logger.warn({ dropped }, 'events of the engine dropped');
    if (metrics.dropped > 0) logger.warn({ dropped: metrics.dropped }, 'observations of the engine dropped');
  }

  #onLost(error: Error): void {
    this.#link = undefined;
    this.#backlog.clear();
    this.#ports.logger.error({ err: error, sessions: this.roster.size }, 'media engine lost: its sessions have ended');
    this.#gauges.endAll();
    this.removeAll('engine lost');
    this.#startAgain();
  }

  /** Joins are refused until it has succeeded. */
  #startAgain(): void {
    if (this.#closing) return;
    const { logger } = this.#ports;
    this.#restartTimer = setTimeout(() => {
      this.#start().then(
        () => logger.info({}, 'media engine started again'),
        (error) => {
          logger.error({ err: error }, 'media engine not started again: next attempt follows');
          this.#startAgain();
        },
      );
    }, this.#restarts.nextWaitMs(performance.now()));
  }
}

/**
 * Starts an SFU on a thread of its own, and opens its sockets there. Rejects with `RtcError` 'invalid_option' for what cannot be meant, and with
 * `PacketIoError` 'address_in_use' and its like for what the machine refuses.
 */
export function openSfuThread(options?: SfuThreadOptions): Promise<SfuThread> {
  return SfuThread.open(options);
}

/** Copies the parts that are known: others may not be cloneable, and cloning bytes clones all of the memory that they are a part of. */
function standalone(command: EngineCommand): EngineCommand {
  if (command.type === 'open_session') {
    const { groupID, callID, userID, sessionID, props } = command.config;
    const { channelID, av1Support, dcSignaling } = props;
    return {
      ...command,
      config: { groupID, callID, userID, sessionID, props: { channelID, av1Support, dcSignaling } },
    };
  }
  if (command.type === 'message') {
    const { groupID, callID, userID, sessionID, type, data } = command.message;
    return { ...command, message: { groupID, callID, userID, sessionID, type, data: new Uint8Array(data) } };
  }
  return command;
}
