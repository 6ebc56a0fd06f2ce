import type { DropCounts } from '../../inspect/drops.ts';
import { markerOf, RTP_HEADER_SIZE, type RtpHeaderFields, timestampOf, writeRtpHeader } from '../../rtp/header.ts';
import { CYCLE, nearestIndex } from '../../rtp/sequence.ts';
import type { FanOut } from '../fan-out.ts';
import type { SentLog } from './sent-log.ts';

/** A retransmission stream (RFC 4588 section 4), which has its own SSRC and numbers. */
export interface RetransmissionStream {
  readonly ssrc: number;
  readonly payloadType: number;
  /** Of the first packet, random, below 32768. */
  readonly firstSequenceNumber: number;
}

export interface NackResponderOptions {
  readonly log: SentLog;
  readonly fanOut: FanOut;
  /** packet-io's number of the receiver. */
  readonly slot: number;
  readonly drops: DropCounts;
  /** Writes the header extensions of a retransmission behind the fixed header at `offset`. Returns where the header ends. */
  writeExtensions(out: Buffer, offset: number): number;
  /** A packet of `payloadBytes` went out again. */
  onResent(payloadBytes: number): void;
}

/** A second request for a packet within a round trip crossed the answer to the first one. This if the round-trip time is less or unknown. */
const MIN_REPEAT_MS = 20;
/** Answers that a receiver may have at once: a key frame of 256 packets that was lost as a whole. */
const MAX_ALLOWANCE = 256;
/** Answers that a receiver has from the start, for a stream of few packets on a path that loses many. */
const FREE_ANSWERS = 32;
/** Bytes of the original sequence number, in front of the payload of a retransmission (RFC 4588 section 4). */
const OSN_BYTES = 2;

/**
 * Answers the NACKs of one receiver for one stream: in the retransmission stream, or without one by the very packet that was sent. A
 * receiver is sent no more packets again than it was sent in the first place (and a few), however many it asks for.
 */
export class NackResponder {
  readonly #options: NackResponderOptions;
  readonly #fields: RtpHeaderFields = { marker: false, payloadType: 0, sequenceNumber: 0, timestamp: 0, ssrc: 0 };
  /** The last one that was negotiated, which may be again. */
  #retransmission: RetransmissionStream | undefined;
  #isRetransmitting = false;
  /** Of the next packet of the retransmission stream, over all wraps. */
  #nextIndex = 0;
  #allowance = FREE_ANSWERS;

  constructor(options: NackResponderOptions) {
    this.#options = options;
  }

  /** Takes the retransmission stream that was negotiated, if any. A stream that stays continues its numbers under another payload type too. */
  adopt(retransmission: RetransmissionStream | undefined): void {
    if (retransmission && retransmission.ssrc !== this.#retransmission?.ssrc) {
      this.#nextIndex = retransmission.firstSequenceNumber;
    }
    this.#retransmission = retransmission ?? this.#retransmission;
    this.#isRetransmitting = retransmission !== undefined;
  }

  /** A packet went out for the first time. */
  sent(): void {
    if (this.#allowance < MAX_ALLOWANCE) this.#allowance++;
  }

  /** Answers a request for a packet, if it is still there, was not answered just now, and the receiver has not asked for too much. */
  request(sequenceNumber: number, nowMs: number, roundTripMs = 0): void {
    const { log, drops } = this.#options;
    const index = nearestIndex(sequenceNumber, log.highestIndex);
    const offset = log.find(index) ? log.history.offsetOf(log.number) : -1;
    if (offset < 0) drops.nack_not_kept++;
    else if (nowMs - log.resentMs < Math.max(MIN_REPEAT_MS, roundTripMs)) drops.nack_repeated++;
    else if (this.#allowance === 0) drops.nack_over_limit++;
    else {
      this.#allowance--;
      log.resent(nowMs);
      this.#send(index, offset);
    }
  }

  #send(index: number, payloadOffset: number): void {
    const { log, fanOut, slot, onResent } = this.#options;
    const payloadLength = log.history.lengthOf(log.number);
    fanOut.begin(log.history.bytes, payloadOffset, payloadLength);
    if (this.#retransmission && this.#isRetransmitting) this.#pushRetransmission(index, this.#retransmission);
    else {
      this.#copy(log.headerOffset, log.headerLength + log.prefixLength, fanOut.headerOffset);
      fanOut.push(slot, Math.floor(index / CYCLE), log.headerLength, log.prefixLength, log.replacedLength);
    }
    fanOut.flush();
    onResent(payloadLength);
  }

  //  0                   1                   2                   3
  //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
  // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
  // |                         RTP header                            |
  // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
  // |            OSN                |                               |
  // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               |
  // |                  original RTP packet payload                  |
  // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
  #pushRetransmission(index: number, { ssrc, payloadType }: RetransmissionStream): void {
    const { log, fanOut, slot, writeExtensions } = this.#options;
    const { arena, headerOffset } = fanOut;
    const original = log.headers.subarray(log.headerOffset, log.headerOffset + RTP_HEADER_SIZE);
    const fields = this.#fields;
    fields.marker = markerOf(original);
    fields.timestamp = timestampOf(original);
    fields.payloadType = payloadType;
    fields.sequenceNumber = this.#nextIndex % CYCLE;
    fields.ssrc = ssrc;
    writeRtpHeader(arena, headerOffset, fields);
    const headerEnd = writeExtensions(arena, headerOffset);
    arena.writeUInt16BE(index % CYCLE, headerEnd);
    this.#copy(log.headerOffset + log.headerLength, log.prefixLength, headerEnd + OSN_BYTES);
    const prefixLength = OSN_BYTES + log.prefixLength;
    fanOut.push(slot, Math.floor(this.#nextIndex / CYCLE), headerEnd - headerOffset, prefixLength, log.replacedLength);
    this.#nextIndex++;
  }

  #copy(from: number, length: number, to: number): void {
    this.#options.log.headers.copy(this.#options.fanOut.arena, to, from, from + length);
  }
}
