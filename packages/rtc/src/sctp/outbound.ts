import { CongestionControl } from './congestion.ts';
import { RetransmissionQueue } from './retransmission.ts';
import type { RetransmissionTimeout } from './rto.ts';
import type { Fragment, SendQueue } from './send-queue.ts';
import { DATA_HEADER_BYTES, dataChunkBytes, writeData } from './wire/data.ts';
import { COMMON_HEADER_BYTES, type PacketWriter } from './wire/packet.ts';
import type { Sack } from './wire/sack.ts';

export interface OutboundOptions {
  readonly initialTsn: number;
  /** a_rwnd of the peer's INIT or INIT ACK. */
  readonly peerWindowBytes: number;
  readonly maxPacketSizeBytes: number;
  readonly rto: RetransmissionTimeout;
  readonly queue: SendQueue;
}

/** The sending half of an association: what may leave now, and what must leave again (RFC 9260 sections 6.1 to 6.3 and 7.2). */
export class Outbound {
  readonly #queue: SendQueue;
  readonly #sent: RetransmissionQueue;
  readonly #congestion: CongestionControl;
  readonly #rto: RetransmissionTimeout;
  readonly #maxPayloadBytes: number;
  #peerWindowBytes: number;
  #burstLimitBytes = 0;
  // The first packet of a fast retransmission is sent regardless of the window (section 7.2.4 step 3).
  #fastRetransmit = false;
  #lastSentAtMs = 0;
  #retransmitted = 0;
  // T3-rtx.
  #deadlineMs = Number.POSITIVE_INFINITY;

  constructor(options: OutboundOptions) {
    this.#queue = options.queue;
    this.#rto = options.rto;
    this.#sent = new RetransmissionQueue(options.initialTsn);
    this.#congestion = new CongestionControl(options.maxPacketSizeBytes - COMMON_HEADER_BYTES);
    this.#maxPayloadBytes = options.maxPacketSizeBytes - COMMON_HEADER_BYTES - DATA_HEADER_BYTES;
    this.#peerWindowBytes = options.peerWindowBytes;
  }

  /** Time when T3-rtx expires. */
  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  /** Nothing is queued and everything sent is acknowledged. */
  get isDone(): boolean {
    return this.#queue.bufferedBytes === 0 && this.#sent.isEmpty;
  }

  /** The peer has all our TSNs up to this one. */
  get cumulativeTsn(): number {
    return this.#sent.cumulativeTsn;
  }

  get lastAssignedTsn(): number {
    return this.#sent.lastAssignedTsn;
  }

  /** Bytes kept until acknowledged, overhead included. */
  get bufferedBytes(): number {
    return this.#sent.bufferedBytes;
  }

  get congestionWindowBytes(): number {
    return this.#congestion.windowBytes;
  }

  /** Last announced by the peer. */
  get peerWindowBytes(): number {
    return this.#peerWindowBytes;
  }

  get retransmittedChunks(): number {
    return this.#retransmitted;
  }

  /** The peer's window is closed: not answering is then no sign of its death (section 6.1 rule A). */
  get isProbing(): boolean {
    return this.#peerWindowBytes === 0;
  }

  /** Reports whether `fill` would add anything to an empty packet. */
  get hasSendable(): boolean {
    const lost = this.#sent.nextLost();
    if (lost === undefined) return !this.#queue.isEmpty && this.#allowsNew(this.#nextPayloadBytes);
    return this.#fastRetransmit || this.#windowAllows(dataChunkBytes(lost.fragment.payload.length));
  }

  /** To be called before a run of `fill`. */
  beginBurst(nowMs: number): void {
    const { flightBytes } = this.#sent;
    if (flightBytes === 0 && this.#lastSentAtMs > 0) {
      const idleTimeouts = Math.floor((nowMs - this.#lastSentAtMs) / this.#rto.timeoutMs);
      if (idleTimeouts > 0) this.#congestion.onIdle(idleTimeouts);
    }
    this.#burstLimitBytes = this.#congestion.burstLimit(flightBytes);
  }

  /** Adds to a packet what may leave now: lost chunks first, then new ones. */
  fill(packet: PacketWriter, nowMs: number): void {
    this.#fillLost(packet, nowMs);
    if (this.#sent.nextLost() === undefined) this.#fillNew(packet, nowMs);
  }

  /** False if the SACK is stale or impossible. */
  onSack(sack: Sack, nowMs: number): boolean {
    const flightBefore = this.#sent.flightBytes;
    const outcome = this.#sent.acknowledge(sack, this.#congestion.inFastRecovery, nowMs);
    if (outcome === undefined) return false;
    this.#peerWindowBytes = sack.receiverWindowBytes;
    if (outcome.rttMs !== undefined) this.#rto.measured(outcome.rttMs);
    if (outcome.cumulativeAdvanced) {
      this.#rto.progressed();
      this.#congestion.onAcked(outcome.ackedBytes, sack.cumulativeTsn, flightBefore, this.#sent.isEmpty);
    }
    if (outcome.loss) {
      this.#fastRetransmit = !this.#congestion.inFastRecovery;
      this.#congestion.onFastRetransmit(this.#sent.lastAssignedTsn);
    }
    // Section 6.3.2 rules R2 and R3.
    if (this.#sent.isEmpty) this.#deadlineMs = Number.POSITIVE_INFINITY;
    else if (outcome.cumulativeAdvanced) this.#startTimer(nowMs);
    for (const { onAcknowledged } of outcome.delivered) onAcknowledged?.(nowMs);
    return true;
  }

  /** T3-rtx expired (section 6.3.3). */
  onTimeout(): void {
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    this.#congestion.onTimeout();
    this.#rto.backOff();
    this.#sent.loseAll();
    this.#fastRetransmit = false;
  }

  #fillLost(packet: PacketWriter, nowMs: number): void {
    let written = false;
    for (let lost = this.#sent.nextLost(); lost !== undefined; lost = this.#sent.nextLost()) {
      const bytes = dataChunkBytes(lost.fragment.payload.length);
      if (bytes > packet.room || !(this.#fastRetransmit || this.#windowAllows(bytes))) break;
      this.#write(packet, lost.fragment, lost.tsn);
      // Section 7.2.4 step 4: the oldest chunk gets its full time again.
      if (this.#sent.isFirst(lost.tsn)) this.#startTimer(nowMs);
      this.#sent.resent();
      this.#retransmitted += 1;
      this.#sending(nowMs);
      written = true;
    }
    if (written || this.#sent.nextLost() === undefined) this.#fastRetransmit = false;
  }

  #fillNew(packet: PacketWriter, nowMs: number): void {
    while (!this.#queue.isEmpty) {
      const payloadBytes = this.#nextPayloadBytes;
      if (dataChunkBytes(payloadBytes) > packet.room || !this.#allowsNew(payloadBytes)) return;
      const fragment = this.#queue.take(payloadBytes);
      this.#write(packet, fragment, this.#sent.sent(fragment, nowMs));
      this.#sending(nowMs);
    }
  }

  #write(packet: PacketWriter, fragment: Fragment, tsn: number): void {
    const immediate = fragment.onAcknowledged !== undefined; // RFC 9260 section 6.1: the I bit
    writeData({ ...fragment, immediate, tsn }, packet.claim(dataChunkBytes(fragment.payload.length)));
  }

  #sending(nowMs: number): void {
    this.#lastSentAtMs = nowMs;
    if (this.#deadlineMs === Number.POSITIVE_INFINITY) this.#startTimer(nowMs);
  }

  #startTimer(nowMs: number): void {
    this.#deadlineMs = nowMs + this.#rto.timeoutMs;
  }

  get #nextPayloadBytes(): number {
    return Math.min(this.#queue.nextBytes, this.#maxPayloadBytes);
  }

  #allowsNew(payloadBytes: number): boolean {
    return this.#windowAllows(dataChunkBytes(payloadBytes)) && this.#peerAllows(payloadBytes);
  }

  #windowAllows(bytes: number): boolean {
    const { flightBytes } = this.#sent;
    return flightBytes === 0 || flightBytes + bytes <= this.#burstLimitBytes;
  }

  // One chunk may always be on its way: it finds out whether a closed window has opened (section 6.1 rule A).
  #peerAllows(payloadBytes: number): boolean {
    const { flightPayloadBytes } = this.#sent;
    return flightPayloadBytes === 0 || flightPayloadBytes + payloadBytes <= this.#peerWindowBytes;
  }
}
