import type { PeerInit } from './cookie.ts';
import { SctpError } from './errors.ts';
import { reportable } from './handshake.ts';
import { Lifecycle } from './lifecycle.ts';
import { type SctpAssociationOptions, type SctpSettings, sctpSettings } from './options.ts';
import { type LinkResult, MAX_STREAMS, PeerLink } from './peer-link.ts';
import { RetransmissionTimeout } from './rto.ts';
import { MESSAGE_OVERHEAD_BYTES, SendQueue } from './send-queue.ts';
import { SctpCounters, type SctpStats } from './stats.ts';
import type { SctpAssociationOwner, SctpCloseReason, SctpPhase, SctpSendOptions } from './types.ts';
import { CauseCode, encodeError } from './wire/cause.ts';
import {
  type Chunk,
  ChunkType,
  encodeChunk,
  FLAG_TAG_REFLECTED,
  isKnownChunk,
  unknownChunkAction,
} from './wire/chunk.ts';
import { COMMON_HEADER_BYTES, type Packet, PacketWriter, parsePacket } from './wire/packet.ts';
import type { OutgoingParameter } from './wire/parameter.ts';

// RFC 9260 section 6.10.
const UNBUNDLED: ReadonlySet<number> = new Set([ChunkType.Init, ChunkType.InitAck, ChunkType.ShutdownComplete]);

/**
 * One SCTP association over DTLS (RFC 9260, RFC 8261), without I/O: packets come in by `receive` and go out by the owner;
 * `timeout` is to be called when `deadline` has come. Times are milliseconds of any clock that does not go back.
 */
export class SctpAssociation {
  readonly #settings: SctpSettings;
  readonly #owner: SctpAssociationOwner;
  readonly #rto = new RetransmissionTimeout();
  readonly #lifecycle: Lifecycle;
  readonly #counters: SctpCounters;
  #queue = new SendQueue();
  // Chunks that go out with the next packet, in front of DATA.
  #control: Buffer[] = [];
  // What the packet at hand had that we do not know.
  #reports: OutgoingParameter[] = [];
  // A step is being taken: what is to be sent goes out at its end.
  #busy = false;

  constructor(options: SctpAssociationOptions, owner: SctpAssociationOwner, counters = new SctpCounters()) {
    this.#counters = counters;
    this.#settings = sctpSettings(options);
    this.#owner = owner;
    this.#lifecycle = new Lifecycle(this.#settings, this.#rto, {
      sendAlone: (tag, chunk) => this.#sendAlone(tag, chunk),
      sendChunk: (chunk) => this.#control.push(chunk),
      openLink: (peer, localInitialTsn) => this.#openLink(peer, localInitialTsn),
      onEstablished: () => this.#owner.onConnected(),
      onClosed: (reason, nowMs) => this.#onClosed(reason, nowMs),
    });
  }

  get state(): SctpPhase {
    return this.#lifecycle.phase;
  }

  get stats(): SctpStats {
    return {
      ...this.#counters,
      chunksRetransmitted: 0,
      chunksDuplicated: 0,
      receiveBufferedBytes: 0,
      congestionWindowBytes: 0,
      ...this.#lifecycle.link?.stats,
      sendBufferedBytes: this.#sendBufferedBytes,
      rttMs: this.#rto.smoothedMs,
    };
  }

  /** Streams that may be sent on; exact once connected. */
  get outboundStreams(): number {
    return this.#lifecycle.link?.outboundStreams ?? MAX_STREAMS;
  }

  /** Begins the handshake. The passive side need not: it answers. */
  connect(nowMs: number): void {
    this.#step(nowMs, () => this.#lifecycle.connect(nowMs));
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

  /** Time when `timeout` is to be called; Infinity if there is nothing to wait for. */
  deadline(): number {
    return Math.min(this.#lifecycle.deadlineMs, this.#lifecycle.link?.deadlineMs ?? Number.POSITIVE_INFINITY);
  }

  /** Does what is due. */
  timeout(nowMs: number): void {
    this.#step(nowMs, () => {
      this.#lifecycle.timeout(nowMs);
      if (this.#lifecycle.link?.timeout(nowMs) === false) this.#lifecycle.abort('peer_unresponsive', nowMs);
    });
  }

  /** Queues a message of at least one byte, before the association is up or after. Copies `data`. Throws `SctpError`. */
  send(streamId: number, ppid: number, data: Uint8Array, nowMs: number, options: SctpSendOptions = {}): void {
    this.#checkSend(streamId, data);
    this.#counters.messagesSent += 1;
    this.#counters.bytesSent += data.length;
    this.#queue.push(streamId, ppid, Buffer.from(data), options);
    this.#step(nowMs);
  }

  /**
   * Begins these outgoing streams over once all that was sent on them has left; what is sent from now on waits until then.
   * False if that is impossible: not connected, or the peer does not support resets.
   */
  resetStreams(streamIds: readonly number[], nowMs: number): boolean {
    const { phase, link } = this.#lifecycle;
    if (phase !== 'established' || !link?.resetStreams(streamIds)) return false;
    this.#step(nowMs);
    return true;
  }

  /** Reports whether a reset of this outgoing stream is wanted or under way. */
  isResetting(streamId: number): boolean {
    return this.#queue.isPaused(streamId);
  }

  /** Ends the association once all that was sent has been acknowledged; nothing more may be sent. Idempotent. */
  close(nowMs: number): void {
    this.#step(nowMs, () => this.#lifecycle.close(nowMs));
  }

  /** Ends the association at once and informs the peer. Idempotent. */
  abort(nowMs: number): void {
    this.#lifecycle.abort('aborted', nowMs);
  }

  get #sendBufferedBytes(): number {
    return this.#queue.bufferedBytes + (this.#lifecycle.link?.sendBufferedBytes ?? 0);
  }

  #checkSend(streamId: number, data: Uint8Array): void {
    const { phase } = this.#lifecycle;
    const { remoteMaxMessageSizeBytes: most, sendQueueSizeBytes } = this.#settings;
    if (phase === 'closed' || phase.startsWith('shutdown')) {
      throw new SctpError('closed', `cannot send on an association in state ${phase}`);
    }
    if (!Number.isInteger(streamId) || streamId < 0 || streamId >= this.outboundStreams) {
      throw new SctpError('invalid_stream', `stream ${streamId} does not exist: there are ${this.outboundStreams}`);
    }
    if (data.length === 0) throw new SctpError('invalid_option', 'an SCTP message must contain at least one byte');
    if (most !== 0 && data.length > most) {
      throw new SctpError('too_large', `${data.length} bytes exceed the ${most} that the peer accepts`);
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

  // Ports, bundling, and the verification tag (section 8.5).
  #isForUs({ sourcePort, destinationPort, verificationTag, chunks }: Packet): boolean {
    if (destinationPort !== this.#settings.localPort || sourcePort !== this.#settings.remotePort) return false;
    if (chunks.length > 1 && chunks.some((chunk) => UNBUNDLED.has(chunk.type))) return false;
    const { type, flags } = chunks[0]!;
    if (type === ChunkType.Init) return verificationTag === 0;
    const mayReflect = type === ChunkType.Abort || type === ChunkType.ShutdownComplete;
    const isReflected = mayReflect && (flags & FLAG_TAG_REFLECTED) !== 0;
    return verificationTag === (isReflected ? this.#lifecycle.link?.remoteTag : this.#lifecycle.localTag);
  }

  #process(packet: Packet, nowMs: number): void {
    let movesTsn = false;
    for (const chunk of packet.chunks) {
      if (!isKnownChunk(chunk.type)) {
        this.#counters.chunksDropped += 1;
        if (this.#onUnknownChunk(chunk)) continue;
        break;
      }
      movesTsn ||= chunk.type === ChunkType.Data || chunk.type === ChunkType.ForwardTsn;
      if (!this.#onChunk(chunk, nowMs)) this.#counters.chunksDropped += 1;
    }
    const reports = reportable(this.#reports);
    this.#reports = [];
    const { openLink } = this.#lifecycle;
    if (openLink === undefined) return;
    if (reports.length > 0) this.#control.push(encodeError(reports));
    if (!movesTsn) return;
    openLink.onDataPacket(nowMs);
    this.#lifecycle.onDataPacket(nowMs);
  }

  // False if the chunk has no place here or is malformed.
  #onChunk(chunk: Chunk, nowMs: number): boolean {
    switch (chunk.type) {
      case ChunkType.Data:
        return this.#lifecycle.receivesData && this.#onLinkChunk(chunk, nowMs);
      case ChunkType.Sack:
      case ChunkType.ReConfig:
      case ChunkType.ForwardTsn:
        return this.#onLinkChunk(chunk, nowMs);
      case ChunkType.Heartbeat:
        return this.#onHeartbeat(chunk.value);
      default:
        return this.#lifecycle.onChunk(chunk, nowMs);
    }
  }

  #onLinkChunk(chunk: Chunk, nowMs: number): boolean {
    const result: LinkResult = this.#lifecycle.openLink?.onChunk(chunk, nowMs) ?? 'dropped';
    if (result === 'ok') return true;
    if (result === 'dropped') return false;
    if ('report' in result) this.#reports.push(result.report);
    else {
      const reason = result.abort === CauseCode.OutOfResource ? 'out_of_resource' : 'protocol_violation';
      this.#lifecycle.abort(reason, nowMs, result.abort);
    }
    return false;
  }

  #onHeartbeat(value: Buffer): boolean {
    const answer = encodeChunk(ChunkType.HeartbeatAck, 0, value);
    const fits = answer.length <= this.#settings.maxPacketSizeBytes - COMMON_HEADER_BYTES;
    if (this.#lifecycle.openLink === undefined || !fits) return false;
    this.#control.push(answer);
    return true;
  }

  // False if the rest of the packet is to be ignored.
  #onUnknownChunk({ type, flags, value }: Chunk): boolean {
    const { skip, report } = unknownChunkAction(type);
    if (report) {
      this.#reports.push({ type: CauseCode.UnrecognizedChunkType, value: encodeChunk(type, flags, value) });
    }
    return skip;
  }

  #openLink(peer: PeerInit, localInitialTsn: number): PeerLink {
    return new PeerLink(peer, {
      settings: this.#settings,
      localInitialTsn,
      rto: this.#rto,
      queue: this.#queue,
      sendChunk: (chunk) => this.#control.push(chunk),
      onMessage: ({ streamId, ppid, data }, nowMs) => {
        if (this.state === 'closed') return;
        this.#counters.messagesReceived += 1;
        this.#counters.bytesReceived += data.length;
        this.#owner.onMessage(streamId, ppid, data, nowMs);
      },
      onStreamsReset: (streamIds, nowMs) => {
        if (this.state !== 'closed') this.#owner.onStreamsReset(streamIds, nowMs);
      },
    });
  }

  #onClosed(reason: SctpCloseReason, nowMs: number): void {
    this.#queue = new SendQueue();
    this.#control = [];
    this.#owner.onClosed(reason, nowMs);
  }

  #flush(nowMs: number): void {
    this.#lifecycle.openLink?.beginBurst(nowMs);
    for (;;) {
      this.#lifecycle.advance(nowMs);
      const { link, openLink } = this.#lifecycle;
      if (link === undefined) return;
      openLink?.pollReset(nowMs);
      const packet = this.#packetTo(link.remoteTag);
      this.#addControl(packet);
      if (this.#control.length === 0) openLink?.fill(packet, nowMs);
      if (packet.isEmpty) return;
      this.#transmit(packet);
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

  #sendAlone(tag: number, chunk: Buffer): void {
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
    this.#owner.transmit(packet.finish());
  }
}
