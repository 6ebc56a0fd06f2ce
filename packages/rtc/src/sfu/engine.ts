import { performance } from 'node:perf_hooks';
import {
  eachPacket,
  type LocalAddress,
  type PacketIo,
  type PacketIoOptions,
  type PacketIoStats,
  type PathId,
} from '@rtcd/packet-io';
import type { RtcMessage, SessionConfig } from '@rtcd/protocol';
import type { Call } from '../call/call.ts';
import { Calls } from '../call/calls.ts';
import type { DtlsCertificate } from '../dtls/crypto/certificate.ts';
import { RtcError } from '../errors.ts';
import { type Candidate, relayCandidate } from '../ice/candidate.ts';
import type { CallSnapshot, CallSummary } from '../inspect/call-snapshot.ts';
import { CaptureTap } from '../inspect/capture-tap.ts';
import { addDrops, addDropsOf, DropCounts, type DropSources } from '../inspect/drops.ts';
import type { SessionSnapshot, SessionSummary } from '../inspect/snapshot.ts';
import { type VideoStreamCount, VideoStreamCounter } from '../inspect/video-streams.ts';
import { asBuffer } from '../io/as-buffer.ts';
import { PauseWatch } from '../io/pause-watch.ts';
import { Wakeup } from '../io/wakeup.ts';
import { FanOut } from '../media/send/fan-out.ts';
import { DescriptionTurns } from '../messages/description-turns.ts';
import type { Clock, Logger, Random, RtcMetrics } from '../ports.ts';
import { Session } from '../session/session.ts';
import type { SessionEnvironment } from '../session/session-owner.ts';
import { classify } from '../transport/demux.ts';
import type { Relays } from '../transport/relays.ts';
import { SessionTable } from '../transport/session-table.ts';
import type { TurnAllocation, TurnStats } from '../turn/client-owner.ts';
import type { Advertising } from './advertising.ts';
import type { EngineCommand, EngineEvent, SessionNumber } from './messages.ts';
import type { EngineTotals } from './questions.ts';

/** The SFU's side of its sockets. */
export type IoHandlers = Pick<PacketIoOptions, 'onPackets' | 'onPathEnded' | 'onError'>;

/** Dependencies of an engine; `openSfu` gathers it. */
export interface EngineParts {
  readonly certificate: DtlsCertificate;
  readonly random: Random;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: RtcMetrics;
  readonly nackBufferSize: number;
  /** Voices of a call that are forwarded; 0 for all. */
  readonly maxActiveVoices: number;
  openIo(handlers: IoHandlers): Promise<PacketIo>;
  /** Asked for candidates for each session. */
  readonly advertising: Pick<Advertising, 'start' | 'receive' | 'candidates' | 'close'>;
  createRelays(io: PacketIo): Relays;
}

interface Entry {
  readonly number: SessionNumber;
  readonly session: Session;
  readonly wakeup: Wakeup;
}

/** Reason for which a session ends that a bug of ours has hit. */
const INTERNAL_ERROR = 'internal error';

/** Memory that all captures take together is the product of both. */
const MAX_CAPTURES = 4;
const MAX_CAPTURE_BYTES = 16 * 1024 * 1024;

/** The media of all calls: one set of sockets, the sessions, and whose datagram each one is. Does what the roster commands. */
export class Engine {
  readonly #parts: EngineParts;
  readonly #io: PacketIo;
  readonly #relays: Relays;
  readonly #onEvent: (event: EngineEvent) => void;
  readonly #environment: SessionEnvironment;
  readonly #calls: Calls<Session>;
  readonly #table = new SessionTable<Entry>();
  readonly #entries = new Map<SessionNumber, Entry>();
  /** Drops of no session, and of sessions that are closed. */
  readonly #drops = new DropCounts();
  readonly #pauses: PauseWatch;
  #captures = 0;

  private constructor(parts: EngineParts, io: PacketIo, relays: Relays, onEvent: (event: EngineEvent) => void) {
    this.#parts = parts;
    this.#io = io;
    this.#relays = relays;
    this.#onEvent = onEvent;
    this.#calls = new Calls(parts.maxActiveVoices);
    this.#pauses = new PauseWatch(parts.clock, (excusedMs, nowMs) => this.#excuse(excusedMs, nowMs));
    const tap = new CaptureTap(io);
    this.#environment = {
      ...parts,
      io,
      relays,
      tap,
      fanOut: new FanOut(tap),
      descriptionTurns: new DescriptionTurns(parts.clock),
      get candidates() {
        return [...parts.advertising.candidates, ...relays.allocations.map(relayCandidateOf)];
      },
    };
  }

  /** Opens the sockets. Rejects with `PacketIoError` if that fails, and with `RtcError` if it cannot advertise them. */
  static async open(parts: EngineParts, onEvent: (event: EngineEvent) => void): Promise<Engine> {
    const { advertising } = parts;
    // Packets that arrive before there is an engine belong to no session.
    let receive = (datagram: Buffer, _path: PathId): void => void advertising.receive(datagram);
    let pathEnded = (_path: PathId): void => {};
    try {
      const io = await parts.openIo({
        onPackets: eachPacket((packet, path) => receive(asBuffer(packet), path)),
        onPathEnded: (path) => pathEnded(path),
        onError: (error) => parts.logger.warn({ reason: error.message }, 'socket error'),
      });
      try {
        const engine = await Engine.#start(parts, io, onEvent);
        receive = (datagram, path) => engine.#receiveDatagram(datagram, path);
        pathEnded = (path) => engine.#pathEnded(path);
        return engine;
      } catch (error) {
        await io.close();
        throw error;
      }
    } catch (error) {
      advertising.close();
      throw error;
    }
  }

  static async #start(parts: EngineParts, io: PacketIo, onEvent: (event: EngineEvent) => void): Promise<Engine> {
    const relays = parts.createRelays(io);
    try {
      await Promise.all([parts.advertising.start(io), relays.open()]);
      return new Engine(parts, io, relays, onEvent);
    } catch (error) {
      relays.close();
      throw error;
    }
  }

  /** Addresses that the sockets are bound to. */
  get localAddresses(): readonly LocalAddress[] {
    return this.#io.localAddresses;
  }

  get candidates(): readonly Candidate[] {
    return this.#environment.candidates;
  }

  /** Does what the roster asks for. A command for a session that has closed meanwhile is ignored. */
  handle(command: EngineCommand): void {
    if (command.type === 'open_session') return this.#open(command.session, command.config);
    const entry = this.#entries.get(command.session);
    if (!entry) return;
    switch (command.type) {
      case 'close_session':
        return this.#close(entry, command.reason);
      case 'message':
        return this.#receiveMessage(entry, command.message);
      case 'resume':
        return this.#contain(entry, () => entry.session.resume(this.#now()));
      default:
        return command satisfies never;
    }
  }

  /** Packets and messages dropped so far, those of closed sessions included. */
  drops(): DropCounts {
    const drops = new DropCounts();
    addDrops(drops, this.#drops);
    addDropsOf(drops, this.#io.stats(), IO_DROPS);
    addDropsOf(drops, this.#relays.stats, RELAY_DROPS);
    for (const { session } of this.#entries.values()) session.addDropsTo(drops);
    return drops;
  }

  /** Videos that receivers are sent now. */
  videoStreams(): readonly VideoStreamCount[] {
    const counter = new VideoStreamCounter();
    for (const { session } of this.#entries.values()) session.countVideoStreams(counter);
    return counter.counts;
  }

  totals(): EngineTotals {
    const busySeconds = performance.eventLoopUtilization().active / 1_000;
    return { drops: this.drops(), videoStreams: this.videoStreams(), paths: this.#pathsByProtocol(), busySeconds };
  }

  #pathsByProtocol(): EngineTotals['paths'] {
    const paths = { udp: 0, tcp: 0 };
    for (const { session } of this.#entries.values()) {
      const { protocol } = session;
      if (protocol !== undefined) paths[protocol]++;
    }
    return paths;
  }

  /** All sessions at a glance, in the order of their joins. */
  summaries(): readonly SessionSummary[] {
    const nowMs = this.#now();
    return Array.from(this.#entries.values(), ({ session }) => session.summarize(nowMs));
  }

  /** Returns the state of one session, or undefined if it has closed. */
  inspect(number: SessionNumber): SessionSnapshot | undefined {
    return this.#entries.get(number)?.session.inspect(this.#now());
  }

  /** All calls at a glance, in the order in which they began. */
  callSummaries(): readonly CallSummary[] {
    const nowMs = this.#now();
    return Array.from(this.#sessionsByCall(), ([call, sessions]) => callSummary(call, sessions, nowMs));
  }

  /** A call with all that its members send and are sent, or undefined if there is none. */
  inspectCall(groupID: string, callID: string): CallSnapshot | undefined {
    const nowMs = this.#now();
    const found = [...this.#sessionsByCall()].find(([call]) => call.groupID === groupID && call.callID === callID);
    if (!found) return undefined;
    const [call, sessions] = found;
    return {
      ...callSummary(call, sessions, nowMs),
      members: sessions.map((session) => session.inspectAsMember(nowMs)),
    };
  }

  #sessionsByCall(): Map<Call<Session>, Session[]> {
    const sessions = Array.from(this.#entries.values(), ({ session }) => session);
    return Map.groupBy(sessions, ({ call }) => call);
  }

  /** Starts to record a session. Returns how to end that and get the file, or undefined if too many recordings run. */
  startCapture(number: SessionNumber): (() => Uint8Array) | undefined {
    const session = this.#entries.get(number)?.session;
    if (this.#captures >= MAX_CAPTURES || !session?.recording.start(MAX_CAPTURE_BYTES)) return undefined;
    this.#captures++;
    return () => {
      const file = session.recording.stop();
      if (file) this.#captures--;
      return file ?? Buffer.alloc(0);
    };
  }

  /** Ends all sessions and closes the sockets. */
  async close(): Promise<void> {
    this.#parts.advertising.close();
    this.#pauses.close();
    for (const entry of [...this.#entries.values()]) this.#close(entry, 'shutdown');
    this.#relays.close();
    await this.#io.close();
  }

  /** An internal error ends the session, so that its client learns of it. */
  #open(number: SessionNumber, config: SessionConfig): void {
    try {
      this.#openSession(number, config);
    } catch (error) {
      const entry = this.#entries.get(number);
      if (entry) return this.#closeForBug(entry, error);
      this.#logBug(config.sessionID, error);
      this.#onEvent({ type: 'session_closed', session: number, reason: INTERNAL_ERROR });
    }
  }

  #openSession(number: SessionNumber, config: SessionConfig): void {
    const nowMs = this.#now();
    const call = this.#calls.open(config.groupID, config.callID);
    const session = new Session(
      config,
      call,
      this.#environment,
      {
        send: (message) => this.#onEvent({ type: 'message', session: number, message }),
        onUfrag: (ufrag) => this.#table.addUfrag(ufrag, entry),
        onUfragRetired: (ufrag) => this.#table.removeUfrag(ufrag, entry),
        onRequest: (transactionId) => this.#table.addTransaction(transactionId, entry),
        onRequestOver: (transactionId) => this.#table.removeTransaction(transactionId, entry),
        onPath: (path) => this.#table.claimPath(path, entry),
        onPathProven: (path) => this.#table.provePath(path, entry),
        onPathForgotten: (path) => this.#table.removePath(path, entry),
        onDeadline: () => entry.wakeup.arm(),
        contain: (work) => this.#contain(entry, work),
        onFailed: (reason) => this.#close(entry, reason),
      },
      nowMs,
    );
    const wakeup = new Wakeup(
      this.#parts.clock,
      () => session.deadline(),
      (now) => {
        this.#pauses.look(now);
        this.#contain(entry, () => session.timeout(now));
      },
    );
    const entry: Entry = { number, session, wakeup };
    this.#entries.set(number, entry);
    this.#table.add(entry);
    session.open();
    call.add(session, nowMs);
  }

  #receiveMessage(entry: Entry, message: RtcMessage): void {
    try {
      entry.session.receive(message, this.#now());
    } catch (error) {
      if (!(error instanceof RtcError)) return this.#closeForBug(entry, error);
      const { code, message: reason, cause } = error;
      const {
        number: session,
        session: { config },
      } = entry;
      const { groupID, sessionID } = config;
      this.#onEvent({
        type: 'refused',
        session,
        groupID,
        sessionID,
        code,
        reason,
        ...(cause !== undefined && { cause }),
      });
    }
  }

  #receiveDatagram(datagram: Buffer, path: PathId): void {
    const kind = classify(datagram);
    if (kind === 'unknown') {
      this.#drops.unknown_protocol++;
      return;
    }
    const entry = this.#table.find(kind, datagram, path);
    if (entry) this.#contain(entry, () => entry.session.receiveDatagram(kind, datagram, path, this.#now()));
    else if (kind !== 'stun' || !this.#parts.advertising.receive(datagram)) this.#drops.no_session++;
  }

  /** The process was stopped: the silence of all clients and peers meanwhile does not count. */
  #excuse(excusedMs: number, nowMs: number): void {
    this.#parts.logger.warn(
      { excusedMs: Math.round(excusedMs), sessions: this.#entries.size },
      'process resumed after a pause',
    );
    for (const entry of this.#entries.values()) this.#contain(entry, () => entry.session.excuse(excusedMs, nowMs));
  }

  #pathEnded(path: PathId): void {
    const entry = this.#table.ownerOf(path);
    if (entry) this.#contain(entry, () => entry.session.pathEnded(path, this.#now()));
  }

  /** An internal error that one session's peer causes ends that session and no other. */
  #contain(entry: Entry, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#closeForBug(entry, error);
    }
  }

  #closeForBug(entry: Entry, error: unknown): void {
    this.#logBug(entry.session.sessionID, error);
    this.#close(entry, INTERNAL_ERROR);
  }

  #logBug(sessionID: string, error: unknown): void {
    this.#parts.logger.error({ err: error, sessionID }, 'internal error: session closed');
  }

  #close(entry: Entry, reason: string): void {
    const { number, session, wakeup } = entry;
    if (!this.#entries.delete(number)) return;
    const nowMs = this.#now();
    const steps = [
      () => wakeup.cancel(),
      () => session.close(reason, nowMs),
      () => session.addDropsTo(this.#drops),
      () => this.#table.remove(entry),
      () => this.#calls.remove(session.call, session, nowMs),
    ];
    // An internal error in one of them leaves nothing else of the session behind.
    for (const step of steps) {
      try {
        step();
      } catch (error) {
        this.#logBug(session.sessionID, error);
      }
    }
    this.#onEvent({ type: 'session_closed', session: number, reason });
  }

  #now(): number {
    return this.#parts.clock.nowMs();
  }
}

function callSummary(call: Call<Session>, sessions: readonly Session[], nowMs: number): CallSummary {
  const { groupID, callID, sharer } = call;
  return {
    groupID,
    callID,
    sessions: sessions.length,
    ageMs: sessions[0]!.summarize(nowMs).ageMs,
    ...(sharer !== undefined && { sharer }),
  };
}

const IO_DROPS: DropSources<PacketIoStats> = [
  ['unanswerableDrops', 'source_port_zero'],
  ['connectionDrops', 'tcp_over_limit'],
  ['strangerDrops', 'tcp_no_session'],
  ['oversizedFrameDrops', 'tcp_frame_too_large'],
  ['slotClosedDrops', 'send_slot_closed'],
  ['pathEndedDrops', 'send_path_ended'],
  ['unsendableDrops', 'send_too_large'],
  ['keyExhaustedDrops', 'send_keys_exhausted'],
  ['reusedIndexDrops', 'send_index_reused'],
  ['sendErrors', 'send_error'],
  ['queueFullDrops', 'send_queue_full'],
  ['expiredDrops', 'send_expired'],
];

const RELAY_DROPS: DropSources<TurnStats> = [
  ['malformed', 'turn_malformed'],
  ['unexpected', 'turn_unexpected'],
  ['unauthentic', 'turn_unauthentic'],
  ['notSent', 'send_relay'],
];

const relayCandidateOf = ({ relayed, mapped = UNKNOWN }: TurnAllocation, rank: number): Candidate =>
  relayCandidate({ protocol: 'udp', ...relayed, base: mapped.address, basePort: mapped.port, rank });

/** RFC 8839 section 5.1: the address for one that is not told. */
const UNKNOWN = { address: '0.0.0.0', port: 9 };
