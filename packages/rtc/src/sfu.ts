import { EventEmitter } from 'node:events';
import { check, validate } from '@rtcd/boundary';
import {
  eachPacket,
  type LocalAddress,
  type PacketIo,
  type PacketIoOptions,
  type PacketIoStats,
  type PathId,
} from '@rtcd/packet-io';
import { checkSessionConfig, ProtocolError, type RtcMessage, RtcMessageType, type SessionConfig } from '@rtcd/protocol';
import { Calls } from './call/calls.ts';
import type { DtlsCertificate } from './dtls/crypto/certificate.ts';
import { RtcError } from './errors.ts';
import type { Candidate } from './ice/candidate.ts';
import { CaptureTap } from './inspect/capture-tap.ts';
import { addDrops, addDropsOf, DropCounts, type DropSources } from './inspect/drops.ts';
import type { SessionSnapshot, SessionSummary } from './inspect/snapshot.ts';
import { Wakeup } from './io/wakeup.ts';
import { FanOut } from './media/send/fan-out.ts';
import type { Clock, Logger, Random, RtcMetrics } from './ports.ts';
import { Session, type SessionEnvironment } from './session/session.ts';
import { classify } from './transport/demux.ts';
import { SessionTable } from './transport/session-table.ts';

/** What an SFU tells its owner. */
export interface SfuEvents {
  /** For the client: SDP for the peer, and VoiceOn and VoiceOff. */
  message: [RtcMessage];
  /** A session is gone, whoever ended it, and why. */
  sessionClosed: [{ readonly config: SessionConfig; readonly reason: string }];
}

/** The SFU's side of its sockets. */
export type IoHandlers = Pick<PacketIoOptions, 'onPackets' | 'onPathEnded' | 'onError'>;

/** What an SFU works with; `openSfu` gathers it. */
export interface SfuParts {
  readonly certificate: DtlsCertificate;
  readonly random: Random;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: RtcMetrics;
  readonly maxSessions: number;
  readonly nackBufferSize: number;
  openIo(handlers: IoHandlers): Promise<PacketIo>;
  /** Asked for each session, since a host name may have been resolved meanwhile. */
  candidates(addresses: readonly LocalAddress[]): readonly Candidate[];
  /** Ends what goes on behind the parts. */
  close(): void;
}

/** Totals of an SFU since it was made. */
export interface SfuStats {
  /** Sessions now. */
  readonly sessions: number;
  /** Packets and messages dropped, those of closed sessions included. */
  readonly drops: Readonly<DropCounts>;
}

/** A recording of a session's packets. It ends with `stop` alone: after the session's end it has what came before. */
export interface SessionCapture {
  /** Ends the recording and returns it as a pcapng file. Empty if it was stopped before. */
  stop(): Uint8Array;
}

/** Memory that all captures take together is the product of both. */
const MAX_CAPTURES = 4;
const MAX_CAPTURE_BYTES = 16 * 1024 * 1024;

interface Entry {
  readonly session: Session;
  readonly wakeup: Wakeup;
}

/** A selective forwarding unit: calls, their sessions, and one set of sockets for all of them. */
export class Sfu extends EventEmitter<SfuEvents> {
  readonly #parts: SfuParts;
  readonly #io: PacketIo;
  readonly #environment: SessionEnvironment;
  readonly #calls = new Calls<Session>();
  readonly #table = new SessionTable<Entry>();
  readonly #entries = new Map<string, Entry>();
  /** Of no session, and of sessions that are closed. */
  readonly #drops = new DropCounts();
  #captures = 0;
  #isClosed = false;

  private constructor(parts: SfuParts, io: PacketIo) {
    super();
    this.#parts = parts;
    this.#io = io;
    const tap = new CaptureTap(io);
    this.#environment = {
      ...parts,
      io,
      tap,
      fanOut: new FanOut(tap),
      get candidates() {
        return parts.candidates(io.localAddresses);
      },
    };
  }

  /** Opens the sockets. Rejects with `PacketIoError` where that fails, and with `RtcError` if it cannot advertise them. */
  static async open(parts: SfuParts): Promise<Sfu> {
    try {
      return await Sfu.#open(parts);
    } catch (error) {
      parts.close();
      throw error;
    }
  }

  static async #open(parts: SfuParts): Promise<Sfu> {
    // Packets that arrive before there is an SFU belong to no session.
    let receive = (_datagram: Buffer, _path: PathId): void => {};
    let pathEnded = (_path: PathId): void => {};
    const io = await parts.openIo({
      onPackets: eachPacket((packet, path) => receive(asBuffer(packet), path)),
      onPathEnded: (path) => pathEnded(path),
      onError: (error) => parts.logger.warn({ reason: error.message }, 'socket error'),
    });
    try {
      parts.candidates(io.localAddresses);
    } catch (error) {
      await io.close();
      throw error;
    }
    const sfu = new Sfu(parts, io);
    receive = (datagram, path) => sfu.#receiveDatagram(datagram, path);
    pathEnded = (path) => sfu.#pathEnded(path);
    return sfu;
  }

  /** What the sockets are bound to. */
  get localAddresses(): readonly LocalAddress[] {
    return this.#io.localAddresses;
  }

  /** Where peers are told to send. */
  get candidates(): readonly Candidate[] {
    return this.#environment.candidates;
  }

  /** Sessions in all calls of all groups. */
  get sessionCount(): number {
    return this.#entries.size;
  }

  /** Adds up the counters of all sessions: meant for the scrapes of a monitoring system. */
  stats(): SfuStats {
    const drops = new DropCounts();
    addDrops(drops, this.#drops);
    drops.no_session += this.#table.strays;
    addDropsOf(drops, this.#io.stats(), IO_DROPS);
    for (const { session } of this.#entries.values()) session.addDropsTo(drops);
    return { sessions: this.#entries.size, drops };
  }

  /** Whether anybody is in any call of a group. */
  hasGroup(groupID: string): boolean {
    return this.#calls.hasGroup(groupID);
  }

  /** The configs of all sessions in a call, or undefined if there is no such call. */
  sessions(groupID: string, callID: string): readonly SessionConfig[] | undefined {
    return this.#calls.get(groupID, callID)?.members.map(({ config }) => config);
  }

  /** The config that a session joined with, or undefined if it is not in this call. */
  session(groupID: string, callID: string, sessionID: string): SessionConfig | undefined {
    return this.#calls.get(groupID, callID)?.member(sessionID)?.config;
  }

  /** Adds a session to a call. Throws `RtcError` 'invalid_config', 'session_exists', 'too_many_sessions' or 'closed'. */
  join(config: SessionConfig): void {
    this.#checkJoin(config);
    const nowMs = this.#now();
    const call = this.#calls.open(config.groupID, config.callID);
    const session = new Session(
      config,
      call,
      this.#environment,
      {
        send: (message) => this.emit('message', message),
        onUfrag: (ufrag) => this.#table.addUfrag(ufrag, entry),
        onUfragRetired: (ufrag) => this.#table.removeUfrag(ufrag, entry),
        onPath: (path) => this.#table.addPath(path, entry),
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
      (now) => this.#contain(entry, () => session.timeout(now)),
    );
    const entry: Entry = { session, wakeup };
    this.#entries.set(entryKey(config), entry);
    this.#table.add(entry);
    session.open();
    call.add(session, nowMs);
  }

  /** Ends a session. Throws `RtcError` 'unknown_session'. */
  leave(groupID: string, sessionID: string): void {
    this.#close(this.#entry(groupID, sessionID), 'left');
  }

  /**
   * Takes a message of the client `message.groupID` about one of its sessions. Throws `RtcError` 'unknown_session',
   * 'invalid_message', 'invalid_sdp', 'screen_taken' or 'too_many_messages'; the session goes on, unless that was its first offer.
   */
  receive(message: RtcMessage): void {
    validate('message', message, messageCheck, (text) => new RtcError('invalid_message', text));
    const entry = this.#entry(message.groupID, message.sessionID);
    try {
      entry.session.receive(message, this.#now());
    } catch (error) {
      if (error instanceof RtcError) throw error;
      this.#closeForBug(entry, error);
    }
  }

  /**
   * Tells that the way from a client to a session's peer was interrupted and is there again, as by the contract's `reconnect`. Descriptions that
   * may have been lost are made again. Throws `RtcError` 'unknown_session'.
   */
  resume(groupID: string, sessionID: string): void {
    const entry = this.#entry(groupID, sessionID);
    this.#contain(entry, () => entry.session.resume(this.#now()));
  }

  /** All sessions at a glance, in the order of their joins. */
  summaries(): readonly SessionSummary[] {
    const nowMs = this.#now();
    return Array.from(this.#entries.values(), ({ session }) => session.summarize(nowMs));
  }

  /** All that can be told about one session, as plain data. Throws `RtcError` 'unknown_session'. */
  inspect(groupID: string, sessionID: string): SessionSnapshot {
    return this.#entry(groupID, sessionID).session.inspect(this.#now());
  }

  /**
   * Records one session's packets as they are without encryption: RTCP whole, of RTP the headers only, 16 MiB at most. The caller limits the
   * time. Throws `RtcError` 'unknown_session', or 'too_many_captures' if the session is being recorded or four others are.
   */
  startCapture(groupID: string, sessionID: string): SessionCapture {
    const { session } = this.#entry(groupID, sessionID);
    if (this.#captures >= MAX_CAPTURES || !session.startCapture(MAX_CAPTURE_BYTES)) {
      throw new RtcError('too_many_captures', `a capture of session ${sessionID} runs, or ${MAX_CAPTURES} of others`);
    }
    this.#captures++;
    return {
      stop: () => {
        const file = session.stopCapture();
        if (file) this.#captures--;
        return file ?? Buffer.alloc(0);
      },
    };
  }

  /** Ends all sessions and closes the sockets. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#parts.close();
    for (const entry of [...this.#entries.values()]) this.#close(entry, 'shutdown');
    await this.#io.close();
  }

  #checkJoin(config: SessionConfig): void {
    if (this.#isClosed) throw new RtcError('closed', 'the SFU is closed');
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
    if (this.#entries.has(entryKey(config))) {
      throw new RtcError('session_exists', `session ${config.sessionID} exists already`);
    }
    if (this.#entries.size >= this.#parts.maxSessions) {
      throw new RtcError('too_many_sessions', `the limit of ${this.#parts.maxSessions} sessions is reached`);
    }
  }

  #entry(groupID: string, sessionID: string): Entry {
    const entry = this.#entries.get(entryKey({ groupID, sessionID }));
    if (!entry) throw new RtcError('unknown_session', `session ${sessionID} not found`);
    return entry;
  }

  #receiveDatagram(datagram: Buffer, path: PathId): void {
    const kind = classify(datagram);
    if (kind === 'unknown') {
      this.#drops.unknown_protocol++;
      return;
    }
    const entry = this.#table.find(kind, datagram, path);
    if (entry) this.#contain(entry, () => entry.session.receiveDatagram(kind, datagram, path, this.#now()));
  }

  #pathEnded(path: PathId): void {
    const entry = this.#table.ownerOf(path);
    if (entry) this.#contain(entry, () => entry.session.pathEnded(path, this.#now()));
  }

  /** A bug of ours that one session's peer sets off must not end everybody's calls: it ends that session, loudly. */
  #contain(entry: Entry, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#closeForBug(entry, error);
    }
  }

  #closeForBug(entry: Entry, error: unknown): void {
    this.#parts.logger.error({ err: error, sessionID: entry.session.sessionID }, 'internal error: session closed');
    this.#close(entry, 'internal error');
  }

  #close(entry: Entry, reason: string): void {
    const { session, wakeup } = entry;
    if (!this.#entries.delete(entryKey(session.config))) return;
    const nowMs = this.#now();
    wakeup.cancel();
    session.close(reason, nowMs);
    session.addDropsTo(this.#drops);
    this.#table.remove(entry);
    this.#calls.remove(session.call, session, nowMs);
    this.emit('sessionClosed', { config: session.config, reason });
  }

  #now(): number {
    return this.#parts.clock.nowMs();
  }
}

const IO_DROPS: DropSources<PacketIoStats> = [
  ['unanswerableDrops', 'source_port_zero'],
  ['slotClosedDrops', 'send_slot_closed'],
  ['pathEndedDrops', 'send_path_ended'],
  ['unsendableDrops', 'send_too_large'],
  ['keyExhaustedDrops', 'send_keys_exhausted'],
  ['sendErrors', 'send_error'],
  ['queueFullDrops', 'send_queue_full'],
];

const messageCheck = check.object<Pick<RtcMessage, 'groupID' | 'sessionID' | 'type' | 'data'>>({
  groupID: check.string,
  sessionID: check.string,
  type: check.oneOf(...Object.values(RtcMessageType)),
  data: check.bytes,
});

/** A session id goes into SDP, where a space or a line break would become syntax. */
const PRINTABLE = /^[!-~]{1,128}$/;

/** A client chooses its session ids, so they are unique within its group only. */
const entryKey = ({ groupID, sessionID }: Pick<SessionConfig, 'groupID' | 'sessionID'>) => `${groupID}\n${sessionID}`;

/** Sockets deliver Buffers already. */
const asBuffer = (bytes: Uint8Array) =>
  bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
