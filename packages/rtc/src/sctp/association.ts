import type { PeerInit } from './cookie.ts';
import { SctpError } from './errors.ts';
import { Handshake, reportable } from './handshake.ts';
import { type SctpAssociationOptions, type SctpSettings, sctpSettings } from './options.ts';
import { type LinkResult, MAX_STREAMS, PeerLink } from './peer-link.ts';
import { RetransmissionTimeout } from './rto.ts';
import { MESSAGE_OVERHEAD_BYTES, SendQueue } from './send-queue.ts';
import { SctpCounters, type SctpStats } from './stats.ts';
import type { SctpAssociationPort, SctpCloseReason, SctpPhase, SctpSendOptions } from './types.ts';
import { CauseCode, encodeAbort, encodeError, readCauseCodes } from './wire/cause.ts';
import {
  type Chunk,
  ChunkType,
  encodeChunk,
  encodeEmptyChunk,
  FLAG_TAG_REFLECTED,
  unknownChunkAction,
} from './wire/chunk.ts';
import { COMMON_HEADER_BYTES, type Packet, PacketWriter, parsePacket } from './wire/packet.ts';
import type { OutgoingParameter } from './wire/parameter.ts';
import { encodeShutdown, readShutdown } from './wire/shutdown.ts';

// RFC 9260 section 16 (Max.Init.Retransmits); shutting down gets as many.
const MAX_PHASE_RETRANSMISSIONS = 8;

const UNBUNDLED: ReadonlySet<number> = new Set([ChunkType.Init, ChunkType.InitAck, ChunkType.ShutdownComplete]);

type State =
  | { readonly phase: 'new' | 'cookie_wait' | 'closed' }
  | { readonly phase: 'cookie_echoed'; readonly link: PeerLink; readonly cookieEcho: Buffer }
  | {
      readonly phase: 'established' | 'shutdown_pending' | 'shutdown_sent' | 'shutdown_received' | 'shutdown_ack_sent';
      readonly link: PeerLink;
    };

/**
 * One SCTP association over DTLS (RFC 9260, RFC 8261), without I/O: packets come in by `receive` and go out by the port;
 * `timeout` is to be called when `deadline` has come. Times are milliseconds of any clock that does not go back.
 */
export class SctpAssociation {
  readonly #settings: SctpSettings;
  readonly #port: SctpAssociationPort;
  readonly #handshake: Handshake;
  readonly #rto = new RetransmissionTimeout();
  readonly #counters = new SctpCounters();
  #queue = new SendQueue();
  #state: State = { phase: 'new' };
  // Chunks that go out with the next packet, in front of DATA.
  #control: Buffer[] = [];
  // What the packet at hand had that we do not know.
  #reports: OutgoingParameter[] = [];
  // T1-init, T1-cookie or T2-shutdown, whichever the phase has.
  #phaseDeadlineMs = Number.POSITIVE_INFINITY;
  #phaseTimeouts = 0;
  // A step is being taken: what is to be sent goes out at its end.
  #busy = false;

  constructor(options: SctpAssociationOptions, port: SctpAssociationPort) {
    this.#settings = sctpSettings(options);
    this.#port = port;
    this.#handshake = new Handshake(this.#settings);
  }

  get state(): SctpPhase {
    return this.#state.phase;
  }

  get stats(): SctpStats {
    return {
      ...this.#counters,
      chunksRetransmitted: 0,
      chunksDuplicated: 0,
      receiveBufferedBytes: 0,
      congestionWindowBytes: 0,
      ...this.#link?.stats,
      sendBufferedBytes: this.#sendBufferedBytes,
      rttMs: this.#rto.smoothedMs,
    };
  }

  /** Streams that may be sent on; exact once connected. */
  get outboundStreams(): number {
    return this.#link?.outboundStreams ?? MAX_STREAMS;
  }

  /** Begins the handshake. The passive side need not: it answers. */
  connect(nowMs: number): void {
    if (this.#state.phase !== 'new') return;
    this.#enter({ phase: 'cookie_wait' }, nowMs);
  }

  /** Takes a packet from the peer, borrowed until return. Whatever it holds, this does not throw. */
  receive(packet: Uint8Array, nowMs: number): void {
    const parsed = parsePacket(packet);
    if (parsed === undefined || !this.#isForUs(parsed)) {
      this.#counters.packetsDropped += 1;
      return;
    }
    this.#counters.packetsReceived += 1;
    this.#step(nowMs, () => this.#process(parsed, nowMs));
  }

  /** When `timeout` is to be called; Infinity if there is nothing to wait for. */
  deadline(): number {
    return Math.min(this.#phaseDeadlineMs, this.#link?.deadlineMs ?? Number.POSITIVE_INFINITY);
  }

  /** Does what is due. */
  timeout(nowMs: number): void {
    this.#step(nowMs, () => {
      if (this.#phaseDeadlineMs <= nowMs) this.#onPhaseTimeout(nowMs);
      if (this.#link?.timeout(nowMs) === false) this.#abort('peer_unresponsive', CauseCode.UserInitiatedAbort);
    });
  }

  /** Queues a message of at least one byte, before the association is up or after. Copies `data`. Throws an SctpError. */
  send(streamId: number, ppid: number, data: Uint8Array, nowMs: number, options: SctpSendOptions = {}): void {
    this.#checkSend(streamId, data);
    this.#counters.messagesSent += 1;
    this.#counters.bytesSent += data.length;
    this.#queue.push(streamId, ppid, Buffer.from(data), options.unordered ?? false);
    this.#step(nowMs);
  }

  /** Begins these outgoing streams over once all that was sent on them has left; what is sent from now on waits until then. */
  resetStreams(streamIds: readonly number[], nowMs: number): void {
    if (this.#state.phase !== 'established') return;
    this.#state.link.resetStreams(streamIds);
    this.#step(nowMs);
  }

  /** Ends the association once all that was sent has been acknowledged; nothing more may be sent. Idempotent. */
  close(nowMs: number): void {
    const { phase } = this.#state;
    if (phase === 'new' || phase === 'cookie_wait' || phase === 'cookie_echoed') this.abort();
    if (phase !== 'established') return;
    this.#enter({ phase: 'shutdown_pending', link: this.#state.link }, nowMs);
    this.#step(nowMs);
  }

  /** Ends the association at once and tells the peer. Idempotent. */
  abort(): void {
    this.#abort('aborted', CauseCode.UserInitiatedAbort);
  }

  get #link(): PeerLink | undefined {
    return 'link' in this.#state ? this.#state.link : undefined;
  }

  get #sendBufferedBytes(): number {
    return this.#queue.bufferedBytes + (this.#link?.sendBufferedBytes ?? 0);
  }

  #checkSend(streamId: number, data: Uint8Array): void {
    const { phase } = this.#state;
    const { remoteMaxMessageSizeBytes: most, sendQueueSizeBytes } = this.#settings;
    if (phase === 'closed' || phase.startsWith('shutdown')) {
      throw new SctpError('closed', `cannot send on an association in state ${phase}`);
    }
    if (!Number.isInteger(streamId) || streamId < 0 || streamId >= this.outboundStreams) {
      throw new SctpError(
        'invalid_stream',
        `there is no stream ${streamId}: the association has ${this.outboundStreams}`,
      );
    }
    if (data.length === 0) throw new SctpError('invalid_argument', 'an SCTP message has at least one byte');
    if (most !== 0 && data.length > most) {
      throw new SctpError(
        'message_too_large',
        `a message of ${data.length} bytes exceeds the ${most} that the peer takes`,
      );
    }
    if (this.#sendBufferedBytes + data.length + MESSAGE_OVERHEAD_BYTES > sendQueueSizeBytes) {
      throw new SctpError('queue_full', `the send queue of ${sendQueueSizeBytes} bytes is full: wait for the peer`);
    }
  }

  // Takes a step, then sends what came of it. A callback may call back into us: that is part of the step under way.
  #step(nowMs: number, step?: () => void): void {
    if (this.#busy) {
      step?.();
      return;
    }
    this.#busy = true;
    try {
      step?.();
      this.#flush(nowMs);
    } finally {
      this.#busy = false;
    }
  }

  // Ports, bundling (section 6.10) and verification tag (section 8.5).
  #isForUs({ sourcePort, destinationPort, verificationTag, chunks }: Packet): boolean {
    if (destinationPort !== this.#settings.localPort || sourcePort !== this.#settings.remotePort) return false;
    const { type, flags } = chunks[0]!;
    if (chunks.length > 1 && chunks.some((chunk) => UNBUNDLED.has(chunk.type))) return false;
    if (type === ChunkType.Init) return verificationTag === 0;
    const reflected = flags & FLAG_TAG_REFLECTED && (type === ChunkType.Abort || type === ChunkType.ShutdownComplete);
    return verificationTag === (reflected ? this.#link?.remoteTag : this.#handshake.localTag);
  }

  #process(packet: Packet, nowMs: number): void {
    for (const chunk of packet.chunks) if (!this.#onChunk(chunk, nowMs)) break;
    if (this.#reports.length > 0) {
      if (this.#link !== undefined) this.#control.push(encodeError(reportable(this.#reports)));
      this.#reports = [];
    }
    const movesTsn = packet.chunks.some(({ type }) => type === ChunkType.Data || type === ChunkType.ForwardTsn);
    if (!movesTsn) return;
    this.#link?.onDataPacket(nowMs);
    // Section 9.2: data that comes after our SHUTDOWN is answered with another, next to the SACK.
    if (this.#state.phase === 'shutdown_sent') this.#sendPhaseChunk(nowMs);
  }

  // False if the rest of the packet is to be ignored.
  #onChunk(chunk: Chunk, nowMs: number): boolean {
    const { type, flags, value } = chunk;
    switch (type) {
      case ChunkType.Data:
      case ChunkType.Sack:
      case ChunkType.ReConfig:
      case ChunkType.ForwardTsn:
        return this.#onLinkChunk(chunk, nowMs);
      case ChunkType.Init:
        return this.#onInit(value, nowMs);
      case ChunkType.InitAck:
        return this.#onInitAck(value, nowMs);
      case ChunkType.CookieEcho:
        return this.#onCookieEcho(value, nowMs);
      case ChunkType.CookieAck:
        return this.#state.phase === 'cookie_echoed' ? this.#establish(this.#state.link, nowMs) : this.#drop();
      case ChunkType.Heartbeat:
        return this.#onHeartbeat(value);
      case ChunkType.Abort:
        return this.#finish('peer_aborted');
      case ChunkType.Error:
        return this.#onError(value);
      case ChunkType.Shutdown:
        return this.#onShutdown(value, nowMs);
      case ChunkType.ShutdownAck:
        return this.#onShutdownAck();
      case ChunkType.ShutdownComplete:
        return this.#state.phase === 'shutdown_ack_sent' ? this.#finish('shutdown') : this.#drop();
      case ChunkType.HeartbeatAck:
        return this.#drop();
      default: {
        const action = unknownChunkAction(type);
        const report = { type: CauseCode.UnrecognizedChunkType, value: encodeChunk(type, flags, value) };
        if (action.report) this.#reports.push(report);
        return this.#drop() && action.skip;
      }
    }
  }

  #onLinkChunk(chunk: Chunk, nowMs: number): boolean {
    const state = this.#state;
    if (!('link' in state) || state.phase === 'cookie_echoed') return this.#drop();
    // Section 9.2: a peer that has sent SHUTDOWN sends no more data.
    const peerIsDone = state.phase === 'shutdown_received' || state.phase === 'shutdown_ack_sent';
    if (chunk.type === ChunkType.Data && peerIsDone) return this.#drop();
    return this.#onLinkResult(state.link.onChunk(chunk, nowMs));
  }

  #onLinkResult(result: LinkResult): boolean {
    if (result === 'ok') return true;
    if (result === 'dropped') return this.#drop();
    if ('report' in result) {
      this.#reports.push(result.report);
      return this.#drop();
    }
    const reason = result.abort === CauseCode.OutOfResource ? 'out_of_resource' : 'protocol_violation';
    return this.#abort(reason, result.abort);
  }

  // An INIT in an association that is up would be a restart (section 5.2.2), which nobody does within one DTLS connection: refused.
  #onInit(value: Buffer, nowMs: number): boolean {
    const { phase } = this.#state;
    if (phase !== 'new' && phase !== 'cookie_wait' && phase !== 'cookie_echoed') return this.#drop();
    const answer = this.#handshake.answerInit(value, nowMs);
    if (answer === undefined) return this.#drop();
    this.#transmitAlone(answer.peerTag, answer.chunk);
    return true;
  }

  #onInitAck(value: Buffer, nowMs: number): boolean {
    const answer = this.#state.phase === 'cookie_wait' ? this.#handshake.answerInitAck(value) : undefined;
    if (answer === undefined) return this.#drop();
    this.#reports.push(...answer.unrecognized);
    this.#enter({ phase: 'cookie_echoed', link: this.#openLink(answer.peer), cookieEcho: answer.chunk }, nowMs);
    return true;
  }

  // Section 5.2.4: both sides may have begun, so that we may know the peer already, or under another tag.
  #onCookieEcho(value: Buffer, nowMs: number): boolean {
    const peer = this.#handshake.openCookie(value, nowMs);
    if (peer === undefined || this.#state.phase === 'closed') return this.#drop();
    const known = this.#link?.remoteTag === peer.initiateTag ? this.#link : undefined;
    const { phase } = this.#state;
    if (phase === 'new' || phase === 'cookie_wait' || phase === 'cookie_echoed') {
      this.#control = [encodeEmptyChunk(ChunkType.CookieAck)];
      return this.#establish(known ?? this.#openLink(peer), nowMs);
    }
    // Our COOKIE ACK was lost.
    if (known === undefined) return this.#drop();
    this.#control.push(encodeEmptyChunk(ChunkType.CookieAck));
    return true;
  }

  #onHeartbeat(value: Buffer): boolean {
    const answer = encodeChunk(ChunkType.HeartbeatAck, 0, value);
    const fits = answer.length <= this.#settings.maxPacketSizeBytes - COMMON_HEADER_BYTES;
    if (this.#link === undefined || !fits) return this.#drop();
    this.#control.push(answer);
    return true;
  }

  #onError(value: Buffer): boolean {
    const refused = this.#state.phase === 'cookie_echoed' && readCauseCodes(value).includes(CauseCode.StaleCookie);
    return refused ? this.#finish('handshake_failed') : this.#drop();
  }

  #onShutdown(value: Buffer, nowMs: number): boolean {
    const cumulativeTsn = readShutdown(value);
    if (cumulativeTsn === undefined) return this.#drop();
    const state = this.#state;
    switch (state.phase) {
      case 'established':
      case 'shutdown_pending':
        this.#enter({ phase: 'shutdown_received', link: state.link }, nowMs);
        state.link.onCumulativeAck(cumulativeTsn, nowMs);
        return true;
      case 'shutdown_received':
        state.link.onCumulativeAck(cumulativeTsn, nowMs);
        return true;
      case 'shutdown_sent':
        this.#enter({ phase: 'shutdown_ack_sent', link: state.link }, nowMs);
        return true;
      case 'shutdown_ack_sent':
        this.#sendPhaseChunk(nowMs);
        return true;
      case 'new':
      case 'cookie_wait':
      case 'cookie_echoed':
      case 'closed':
        return this.#drop();
      default:
        return state satisfies never;
    }
  }

  #onShutdownAck(): boolean {
    const state = this.#state;
    if (state.phase === 'shutdown_sent' || state.phase === 'shutdown_ack_sent') {
      this.#transmitAlone(state.link.remoteTag, encodeEmptyChunk(ChunkType.ShutdownComplete));
      return this.#finish('shutdown');
    }
    // Our SHUTDOWN COMPLETE was lost (section 8.4 rule 5).
    if (state.phase === 'closed') {
      this.#transmitAlone(this.#handshake.localTag, encodeEmptyChunk(ChunkType.ShutdownComplete, FLAG_TAG_REFLECTED));
    }
    return this.#drop();
  }

  #openLink(peer: PeerInit): PeerLink {
    return new PeerLink(peer, {
      settings: this.#settings,
      localInitialTsn: this.#handshake.initialTsn,
      rto: this.#rto,
      queue: this.#queue,
      sendChunk: (chunk) => this.#control.push(chunk),
      onMessage: ({ streamId, ppid, data }) => {
        if (this.#state.phase === 'closed') return;
        this.#counters.messagesReceived += 1;
        this.#counters.bytesReceived += data.length;
        this.#port.onMessage(streamId, ppid, data);
      },
      onStreamsReset: (streamIds) => {
        if (this.#state.phase !== 'closed') this.#port.onStreamsReset(streamIds);
      },
    });
  }

  #establish(link: PeerLink, nowMs: number): true {
    this.#enter({ phase: 'established', link }, nowMs);
    this.#port.onConnected();
    return true;
  }

  #enter(state: State, nowMs: number): void {
    this.#state = state;
    this.#phaseTimeouts = 0;
    this.#sendPhaseChunk(nowMs);
  }

  // Sends what this phase waits for an answer to, if anything.
  #sendPhaseChunk(nowMs: number): void {
    const state = this.#state;
    this.#phaseDeadlineMs = nowMs + this.#rto.timeoutMs;
    switch (state.phase) {
      case 'cookie_wait':
        this.#transmitAlone(0, this.#handshake.initChunk());
        break;
      case 'cookie_echoed':
        this.#control.push(state.cookieEcho);
        break;
      case 'shutdown_sent':
        this.#control.push(encodeShutdown(state.link.cumulativeTsn));
        break;
      case 'shutdown_ack_sent':
        this.#control.push(encodeEmptyChunk(ChunkType.ShutdownAck));
        break;
      case 'new':
      case 'established':
      case 'shutdown_pending':
      case 'shutdown_received':
      case 'closed':
        this.#phaseDeadlineMs = Number.POSITIVE_INFINITY;
        break;
      default:
        state satisfies never;
    }
  }

  #onPhaseTimeout(nowMs: number): void {
    this.#phaseTimeouts += 1;
    if (this.#phaseTimeouts > MAX_PHASE_RETRANSMISSIONS) {
      const isHandshake = this.#state.phase === 'cookie_wait' || this.#state.phase === 'cookie_echoed';
      this.#abort(isHandshake ? 'handshake_failed' : 'peer_unresponsive', CauseCode.UserInitiatedAbort);
      return;
    }
    this.#rto.backOff();
    this.#sendPhaseChunk(nowMs);
  }

  #abort(reason: SctpCloseReason, cause: number): false {
    const link = this.#link;
    if (link !== undefined) this.#transmitAlone(link.remoteTag, encodeAbort(cause));
    return this.#finish(reason);
  }

  #finish(reason: SctpCloseReason): false {
    if (this.#state.phase === 'closed') return false;
    this.#state = { phase: 'closed' };
    this.#phaseDeadlineMs = Number.POSITIVE_INFINITY;
    this.#queue = new SendQueue();
    this.#control = [];
    this.#port.onClosed(reason);
    return false;
  }

  #drop(): true {
    this.#counters.chunksDropped += 1;
    return true;
  }

  #flush(nowMs: number): void {
    this.#link?.beginBurst(nowMs);
    for (;;) {
      this.#shutDownIfDrained(nowMs);
      const state = this.#state;
      if (!('link' in state)) return;
      const carriesData = state.phase !== 'cookie_echoed';
      if (carriesData) state.link.pollReset(nowMs);
      const packet = this.#packetTo(state.link.remoteTag);
      this.#addControl(packet);
      if (carriesData && this.#control.length === 0) state.link.fill(packet, nowMs);
      if (packet.isEmpty) return;
      this.#transmit(packet);
    }
  }

  #shutDownIfDrained(nowMs: number): void {
    const state = this.#state;
    if (state.phase === 'shutdown_pending' && state.link.isDrained) {
      this.#enter({ phase: 'shutdown_sent', link: state.link }, nowMs);
    } else if (state.phase === 'shutdown_received' && state.link.isDrained) {
      this.#enter({ phase: 'shutdown_ack_sent', link: state.link }, nowMs);
    }
  }

  #addControl(packet: PacketWriter): void {
    let added = 0;
    for (const chunk of this.#control) {
      if (chunk.length > packet.room) break;
      packet.add(chunk);
      added += 1;
    }
    if (added > 0) this.#control = this.#control.slice(added);
  }

  #transmitAlone(tag: number, chunk: Buffer): void {
    const packet = this.#packetTo(tag);
    packet.add(chunk);
    this.#transmit(packet);
  }

  #packetTo(tag: number): PacketWriter {
    const { localPort, remotePort, maxPacketSizeBytes } = this.#settings;
    return new PacketWriter(localPort, remotePort, tag, maxPacketSizeBytes);
  }

  #transmit(packet: PacketWriter): void {
    this.#counters.packetsSent += 1;
    this.#port.transmit(packet.finish());
  }
}
