import type { DropCounts } from '../../inspect/drops.ts';
import {
  markerOf,
  payloadTypeOf,
  RTP_HEADER_SIZE,
  type RtpHeaderFields,
  timestampOf,
  writeRtpHeader,
} from '../../rtp/header.ts';
import { OSN_BYTES, writeOriginalSequenceNumber } from '../../rtp/retransmission.ts';
import { CYCLE, nearestIndex } from '../../rtp/sequence.ts';
import type { Codec } from '../../sdp/description.ts';
import type { FanOut } from './fan-out.ts';
import type { SentLog } from './sent-log.ts';

export interface NackResponderOptions {
  readonly log: SentLog;
  readonly fanOut: FanOut;
  /** packet-io's number of the receiver. */
  readonly slot: number;
  /** SSRC of the retransmission stream (RFC 4588 section 4), which exists for as long as the keys, whether it is used or not. */
  readonly rtxSsrc: number;
  /** Sequence number of its first packet, random, below 32768. */
  readonly rtxSequenceNumber: number;
  readonly drops: DropCounts;
  /** Writes the header extensions of a retransmission behind the fixed header at `offset`. Returns where the header ends. */
  writeExtensions(out: Buffer, offset: number, payloadBytes: number, nowMs: number): number;
  /** A packet of `payloadBytes` went out again. */
  onResent(payloadBytes: number): void;
}

/** Numbers under which the receiver takes the codec that flows, and its retransmissions if it takes any. */
export type MediaNumbers = Pick<Codec, 'payloadType'> & { readonly rtxPayloadType?: number | undefined };

/** A second request for a packet within a round trip crossed the answer to the first one. This if the round-trip time is less or unknown. */
const MIN_REPEAT_MS = 20;
/** Answers that a receiver may have at once: a key frame of 256 packets that was lost as a whole. */
const MAX_ALLOWANCE = 256;
/** Answers that a receiver has from the start, for a stream of few packets on a path that loses many. */
const FREE_ANSWERS = 32;

/**
 * Answers the NACKs of one receiver for one stream: in the retransmission stream, or without one by the very packet that was sent. A
 * receiver is sent no more packets again than it was sent in the first place (and a few), however many it asks for.
 */
export class NackResponder {
  readonly #options: NackResponderOptions;
  readonly #fields: RtpHeaderFields = { marker: false, payloadType: 0, sequenceNumber: 0, timestamp: 0, ssrc: 0 };
  #codec: MediaNumbers = { payloadType: 0 };
  /** Number of the next packet of the retransmission stream, over all wraps. */
  #rtxIndex: number;
  #allowance = FREE_ANSWERS;

  constructor(options: NackResponderOptions) {
    this.#options = options;
    this.#fields.ssrc = options.rtxSsrc;
    this.#rtxIndex = options.rtxSequenceNumber;
  }

  adopt(codec: MediaNumbers): void {
    this.#codec = codec;
  }

  /** A packet went out for the first time. */
  sent(): void {
    if (this.#allowance < MAX_ALLOWANCE) this.#allowance++;
  }

  /** Answers a request for a packet, if it is still there, was not answered just now, and the receiver has not asked for too much. */
  request(sequenceNumber: number, nowMs: number, roundTripMs = 0): void {
    const { log, drops } = this.#options;
    const index = nearestIndex(sequenceNumber, log.highestIndex);
    const offset = log.find(index) && this.#canSend() ? log.history.offsetOf(log.number) : -1;
    if (offset < 0) drops.nack_not_kept++;
    else if (nowMs - log.resentMs < Math.max(MIN_REPEAT_MS, roundTripMs)) drops.nack_repeated++;
    else if (this.#allowance === 0) drops.nack_over_limit++;
    else {
      this.#allowance--;
      log.resent(nowMs);
      this.#send(index, offset, nowMs);
    }
  }

  /** A payload type of retransmissions belongs to one codec: what was sent in another one has no place there any more. */
  #canSend(): boolean {
    const { payloadType, rtxPayloadType } = this.#codec;
    if (rtxPayloadType === undefined) return true;
    const { headers, headerOffset } = this.#options.log;
    return payloadTypeOf(headers.subarray(headerOffset, headerOffset + RTP_HEADER_SIZE)) === payloadType;
  }

  #send(index: number, payloadOffset: number, nowMs: number): void {
    const { log, fanOut, slot, onResent } = this.#options;
    const payloadLength = log.history.lengthOf(log.number);
    fanOut.begin(log.history.bytes, payloadOffset, payloadLength);
    const { rtxPayloadType } = this.#codec;
    if (rtxPayloadType !== undefined) this.#pushRetransmission(index, rtxPayloadType, nowMs);
    else {
      this.#copy(log.headerOffset, log.headerLength + log.prefixLength, fanOut.headerOffset);
      fanOut.push(slot, Math.floor(index / CYCLE), log.headerLength, log.prefixLength, log.replacedLength);
    }
    fanOut.flush();
    onResent(payloadLength);
  }

  /** The same payload and prefix behind the original sequence number. */
  #pushRetransmission(index: number, payloadType: number, nowMs: number): void {
    const { log, fanOut, slot, writeExtensions } = this.#options;
    const { arena, headerOffset } = fanOut;
    const original = log.headers.subarray(log.headerOffset, log.headerOffset + RTP_HEADER_SIZE);
    const fields = this.#fields;
    fields.marker = markerOf(original);
    fields.timestamp = timestampOf(original);
    fields.payloadType = payloadType;
    fields.sequenceNumber = this.#rtxIndex % CYCLE;
    writeRtpHeader(arena, headerOffset, fields);
    const headerEnd = writeExtensions(arena, headerOffset, log.history.lengthOf(log.number), nowMs);
    const prefixStart = writeOriginalSequenceNumber(arena, headerEnd, index % CYCLE);
    this.#copy(log.headerOffset + log.headerLength, log.prefixLength, prefixStart);
    const prefixLength = OSN_BYTES + log.prefixLength;
    fanOut.push(slot, Math.floor(this.#rtxIndex / CYCLE), headerEnd - headerOffset, prefixLength, log.replacedLength);
    this.#rtxIndex++;
  }

  #copy(from: number, length: number, to: number): void {
    this.#options.log.headers.copy(this.#options.fanOut.arena, to, from, from + length);
  }
}
