import { findHeaderExtension } from '../../rtp/header-extensions.ts';
import { CYCLE } from '../../rtp/sequence.ts';
import type { FanOut } from './fan-out.ts';
import type { RetransmissionStream } from './retransmission-stream.ts';
import type { SentLog } from './sent-log.ts';

export interface StoredPacketsOptions {
  readonly fanOut: FanOut;
  /** packet-io's number of the receiver. */
  readonly slot: number;
  readonly log: SentLog;
  readonly retransmissions: RetransmissionStream;
  /** Numbers a packet of this payload for the whole transport. */
  number(payloadBytes: number, nowMs: number): number;
}

/** Sends packets of one stream out of the log and the history of the source: those that have waited, and those that are sent again. */
export class StoredPackets {
  readonly #options: StoredPacketsOptions;

  constructor(options: StoredPacketsOptions) {
    this.#options = options;
  }

  /**
   * Sends a packet for the first time. The transport-wide number that it gets by leaving takes its place in the header. Returns the bytes
   * of its payload, or 0 if it is not kept.
   */
  sendFirst(index: number, transportCcId: number, nowMs: number): number {
    const { log, number } = this.#options;
    const payloadBytes = this.#begin(index);
    if (payloadBytes === 0) return 0;
    log.left();
    if (transportCcId !== 0) {
      const at = findHeaderExtension(log.headers, transportCcId, log.headerOffset);
      if (at >= 0) log.headers.writeUInt16BE(number(payloadBytes, nowMs), at);
    }
    this.#pushSame(index);
    return payloadBytes;
  }

  /**
   * Sends a packet again: in the retransmission stream, or without one the very packet that was sent. Returns the bytes of its payload, or 0
   * if it is not kept.
   */
  sendAgain(index: number, nowMs: number): number {
    const { fanOut, log, retransmissions } = this.#options;
    const payloadBytes = this.#begin(index);
    if (payloadBytes === 0 || !retransmissions.takes(log)) return 0;
    log.resent(nowMs);
    if (!retransmissions.isNegotiated) this.#pushSame(index);
    else {
      retransmissions.push(log, index, nowMs);
      fanOut.flush();
    }
    return payloadBytes;
  }

  #begin(index: number): number {
    const { fanOut, log } = this.#options;
    const offset = log.find(index) ? log.history.offsetOf(log.number) : -1;
    if (offset < 0) return 0;
    const payloadBytes = log.history.lengthOf(log.number);
    fanOut.begin(log.history.bytes, offset, payloadBytes);
    return payloadBytes;
  }

  #pushSame(index: number): void {
    const { fanOut, log, slot } = this.#options;
    log.copyHeader(fanOut.arena, fanOut.headerOffset);
    fanOut.push(slot, Math.floor(index / CYCLE), log.headerLength, log.prefixLength, log.replacedLength);
    fanOut.flush();
  }
}
