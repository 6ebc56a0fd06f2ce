import type { PeerInit } from './cookie.ts';
import { Inbound, MAX_SACK_BYTES } from './inbound.ts';
import type { SctpSettings } from './options.ts';
import { Outbound } from './outbound.ts';
import type { Message } from './reassembly.ts';
import type { RetransmissionTimeout } from './rto.ts';
import type { SendQueue } from './send-queue.ts';
import type { SctpStats } from './stats.ts';
import { StreamReset } from './stream-reset.ts';
import { CauseCode } from './wire/cause.ts';
import { type Chunk, ChunkType } from './wire/chunk.ts';
import { readData } from './wire/data.ts';
import { readForwardTsn } from './wire/forward-tsn.ts';
import type { PacketWriter } from './wire/packet.ts';
import { readReConfig } from './wire/re-config.ts';
import { readSack, type Sack } from './wire/sack.ts';

/** Streams that we announce in each direction, as many as Chromium does. */
export const MAX_STREAMS = 1024;

// RFC 9260 section 16 (Association.Max.Retrans): half a minute with our timeouts, when ICE gives up the path too.
const MAX_RETRANSMISSIONS = 10;

export interface PeerLinkContext {
  readonly settings: SctpSettings;
  readonly localInitialTsn: number;
  readonly rto: RetransmissionTimeout;
  readonly queue: SendQueue;
  sendChunk(chunk: Buffer): void;
  onMessage(message: Message, nowMs: number): void;
  onStreamsReset(streamIds: readonly number[], nowMs: number): void;
}

export type LinkStats = Pick<
  SctpStats,
  'chunksRetransmitted' | 'chunksDuplicated' | 'receiveBufferedBytes' | 'congestionWindowBytes'
>;

/** Result of a chunk; a cause code means that the association must end because of it. */
export type LinkResult =
  | 'ok'
  | 'dropped'
  | {
      readonly abort: typeof CauseCode.ProtocolViolation | typeof CauseCode.OutOfResource | typeof CauseCode.NoUserData;
    }
  | { readonly report: { readonly type: number; readonly value: Buffer } };

/** State that exists once the peer's tag and first TSN are known: data in both directions (the TCB of RFC 9260 section 1.3). */
export class PeerLink {
  readonly remoteTag: number;
  /** Streams that we may send on. */
  readonly outboundStreams: number;
  readonly #reConfig: boolean;
  readonly #queue: SendQueue;
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  readonly #reset: StreamReset;
  // Timeouts since the peer last acknowledged something.
  #timeouts = 0;

  constructor(peer: PeerInit, context: PeerLinkContext) {
    const { settings, localInitialTsn, rto, queue } = context;
    this.remoteTag = peer.initiateTag;
    this.outboundStreams = Math.min(peer.inboundStreams, MAX_STREAMS);
    this.#reConfig = peer.reConfig;
    this.#queue = queue;
    this.#inbound = new Inbound({
      initialTsn: peer.initialTsn,
      streams: Math.min(peer.outboundStreams, MAX_STREAMS),
      windowBytes: settings.windowSizeBytes,
      maxMessageBytes: settings.maxMessageSizeBytes,
      deliver: (message, nowMs) => context.onMessage(message, nowMs),
    });
    this.#outbound = new Outbound({
      initialTsn: localInitialTsn,
      peerWindowBytes: peer.receiverWindowBytes,
      maxPacketSizeBytes: settings.maxPacketSizeBytes,
      rto,
      queue,
    });
    this.#reset = new StreamReset(localInitialTsn, peer.initialTsn, rto, {
      sendChunk: (chunk) => context.sendChunk(chunk),
      lastAssignedTsn: () => this.#outbound.lastAssignedTsn,
      cumulativeTsn: () => this.#inbound.cumulativeTsn,
      isDrained: (streamId) => queue.isDrained(streamId),
      onIncomingReset: (streamIds, nowMs) => {
        this.#inbound.resetStreams(streamIds);
        context.onStreamsReset(streamIds, nowMs);
      },
      onOutgoingReset: (streamIds, performed) => {
        this.#timeouts = 0;
        for (const streamId of streamIds) queue.resume(streamId, performed);
      },
    });
  }

  get deadlineMs(): number {
    return Math.min(this.#outbound.deadlineMs, this.#inbound.sackAtMs, this.#reset.deadlineMs);
  }

  /** All of the peer's TSNs up to this one have arrived. */
  get cumulativeTsn(): number {
    return this.#inbound.cumulativeTsn;
  }

  /** Nothing is queued, and the peer has acknowledged everything. */
  get isDrained(): boolean {
    return this.#outbound.isDone;
  }

  get sendBufferedBytes(): number {
    return this.#outbound.bufferedBytes;
  }

  get stats(): LinkStats {
    return {
      chunksRetransmitted: this.#outbound.retransmittedChunks,
      chunksDuplicated: this.#inbound.duplicates,
      receiveBufferedBytes: this.#inbound.bufferedBytes,
      congestionWindowBytes: this.#outbound.congestionWindowBytes,
    };
  }

  /** DATA, SACK, RE-CONFIG or FORWARD TSN. */
  onChunk(chunk: Chunk, nowMs: number): LinkResult {
    switch (chunk.type) {
      case ChunkType.Data:
        return this.#onData(chunk, nowMs);
      case ChunkType.Sack: {
        const sack = readSack(chunk.value);
        return sack !== undefined && this.#onSack(sack, nowMs) ? 'ok' : 'dropped';
      }
      case ChunkType.ReConfig: {
        const parameters = readReConfig(chunk.value);
        if (parameters === undefined) return 'dropped';
        this.#reset.receive(parameters, nowMs);
        return 'ok';
      }
      case ChunkType.ForwardTsn: {
        const forward = readForwardTsn(chunk.value);
        if (forward === undefined) return 'dropped';
        this.#inbound.onForwardTsn(forward, nowMs);
        return 'ok';
      }
      default:
        return 'dropped';
    }
  }

  /** The cumulative TSN of a SHUTDOWN: a SACK without anything else. */
  onCumulativeAck(cumulativeTsn: number, nowMs: number): void {
    const receiverWindowBytes = this.#outbound.peerWindowBytes;
    this.#onSack({ cumulativeTsn, receiverWindowBytes, gapBlocks: [], duplicateTsns: [] }, nowMs);
  }

  /** A packet with DATA or FORWARD TSN has been processed. */
  onDataPacket(nowMs: number): void {
    this.#inbound.onDataPacket(nowMs);
    this.#reset.onCumulativeAdvanced(nowMs);
  }

  /** Does what is due, but for the SACK, which goes with the next packet. False if the peer has not reacted for too long. */
  timeout(nowMs: number): boolean {
    if (this.#outbound.deadlineMs <= nowMs) {
      this.#timeouts += 1;
      this.#outbound.onTimeout();
    }
    if (this.#reset.deadlineMs <= nowMs) {
      this.#timeouts += 1;
      this.#reset.onTimeout(nowMs);
    }
    return this.#timeouts <= MAX_RETRANSMISSIONS;
  }

  /** See SctpAssociation.resetStreams. False if the peer does not support resets. */
  resetStreams(streamIds: readonly number[]): boolean {
    if (!this.#reConfig) return false;
    for (const streamId of streamIds) this.#queue.pause(streamId);
    this.#reset.want(streamIds);
    return true;
  }

  /** To be called before a run of `fill`. */
  beginBurst(nowMs: number): void {
    this.#outbound.beginBurst(nowMs);
  }

  /** Queues a request for the resets that are wanted, if none is under way. */
  pollReset(nowMs: number): void {
    this.#reset.poll(nowMs);
  }

  /** Adds a SACK that is due, and what data may leave now; an early SACK goes along with data. */
  fill(packet: PacketWriter, nowMs: number): void {
    const { sackAtMs } = this.#inbound;
    if (sackAtMs <= nowMs || (sackAtMs !== Number.POSITIVE_INFINITY && this.#outbound.hasSendable)) {
      if (packet.room < MAX_SACK_BYTES) return;
      packet.add(this.#inbound.takeSack());
    }
    this.#outbound.fill(packet, nowMs);
  }

  // False if it is stale or impossible.
  #onSack(sack: Sack, nowMs: number): boolean {
    const before = this.#outbound.cumulativeTsn;
    if (!this.#outbound.onSack(sack, nowMs)) return false;
    // A peer with a closed window that answers our probes is alive (section 6.1 rule A).
    if (this.#outbound.cumulativeTsn !== before || this.#outbound.isProbing) this.#timeouts = 0;
    return true;
  }

  #onData(chunk: Chunk, nowMs: number): LinkResult {
    const data = readData(chunk);
    if (data === undefined) return 'dropped';
    if (data.payload.length === 0) return { abort: CauseCode.NoUserData };
    const result = this.#inbound.onData(data, nowMs);
    switch (result) {
      case 'ok':
      case 'dropped':
        return result;
      case 'invalid_stream':
        return { report: { type: CauseCode.InvalidStreamIdentifier, value: invalidStream(data.streamId) } };
      case 'out_of_resource':
        return { abort: CauseCode.OutOfResource };
      case 'inconsistent_fragments':
      case 'message_too_large':
        return { abort: CauseCode.ProtocolViolation };
      default:
        return result satisfies never;
    }
  }
}

// Stream identifier and two reserved bytes (section 3.3.10.1).
function invalidStream(streamId: number): Buffer {
  const value = Buffer.alloc(4);
  value.writeUInt16BE(streamId, 0);
  return value;
}
