import {
  markerOf,
  PADDING_BIT,
  payloadTypeOf,
  type RtpHeaderFields,
  timestampOf,
  writeRtpHeader,
} from '../../rtp/header.ts';
import { OSN_BYTES, writeOriginalSequenceNumber } from '../../rtp/retransmission.ts';
import { CYCLE } from '../../rtp/sequence.ts';
import type { Codec } from '../../sdp/description.ts';
import type { FanOut } from './fan-out.ts';
import type { SentLog } from './sent-log.ts';

export interface RetransmissionStreamOptions {
  readonly fanOut: FanOut;
  /** packet-io's number of the receiver. */
  readonly slot: number;
  /** SSRC of the stream (RFC 4588 section 4), which exists for as long as the keys, whether it is used or not. */
  readonly rtxSsrc: number;
  /** Sequence number of its first packet, random, below 32768. */
  readonly rtxSequenceNumber: number;
  /**
   * Writes the header extensions of a packet behind the fixed header at `offset`, those that describe the payload as in the header of the
   * packet that is sent again, which was found in `original`. Returns where the header ends.
   */
  writeExtensions(out: Buffer, offset: number, payloadBytes: number, nowMs: number, original?: SentLog): number;
}

/** Numbers under which the receiver takes the codec that flows, and its retransmissions if it takes any. */
export type MediaNumbers = Pick<Codec, 'payloadType'> & { readonly rtxPayloadType?: number | undefined };

/** Bytes of padding that a packet can have (RFC 3550 section 5.1). */
export const MAX_PADDING_BYTES = 255;
const PADDING = Buffer.alloc(MAX_PADDING_BYTES);
/** Number of bytes, which are all of the payload. */
PADDING[MAX_PADDING_BYTES - 1] = MAX_PADDING_BYTES;

/** The stream in which one receiver is sent packets of a video again, and padding. */
export class RetransmissionStream {
  #codec: MediaNumbers = { payloadType: 0 };
  readonly #options: RetransmissionStreamOptions;
  readonly #fields: RtpHeaderFields = { marker: false, payloadType: 0, sequenceNumber: 0, timestamp: 0, ssrc: 0 };
  /** Number of the next packet, over all wraps. */
  #index: number;

  constructor(options: RetransmissionStreamOptions) {
    this.#options = options;
    this.#fields.ssrc = options.rtxSsrc;
    this.#index = options.rtxSequenceNumber;
  }

  adopt(codec: MediaNumbers): void {
    this.#codec = codec;
  }

  /** The receiver takes the stream. */
  get isNegotiated(): boolean {
    return this.#codec.rtxPayloadType !== undefined;
  }

  /**
   * Returns whether the packet that was found in a log can be sent again. A payload type of retransmissions belongs to one codec: what was
   * sent in another one has no place there any more.
   */
  takes({ headers, headerOffset }: SentLog): boolean {
    if (!this.isNegotiated) return true;
    return payloadTypeOf(headers, headerOffset) === this.#codec.payloadType;
  }

  /**
   * Adds the packet that was found in a log to the fan-out that has its payload: the same payload and prefix behind the original sequence
   * number, which is that of `index`.
   */
  push(log: SentLog, index: number, nowMs: number): void {
    const { fanOut, slot } = this.#options;
    const { arena, headerOffset } = fanOut;
    const { headers, headerOffset: original } = log;
    const payloadBytes = log.history.lengthOf(log.number);
    const marker = markerOf(headers, original);
    const headerEnd = this.#writeHeader(marker, timestampOf(headers, original), payloadBytes, nowMs, log);
    const prefixStart = writeOriginalSequenceNumber(arena, headerEnd, index % CYCLE);
    log.copyPrefix(arena, prefixStart);
    const prefixLength = OSN_BYTES + log.prefixLength;
    fanOut.push(slot, Math.floor(this.#index / CYCLE), headerEnd - headerOffset, prefixLength, log.replacedLength);
    this.#index++;
  }

  /** Sends a packet of nothing but padding. Receivers drop it once they have reported its arrival. */
  sendPadding(timestamp: number, nowMs: number): void {
    const { fanOut, slot } = this.#options;
    fanOut.begin(PADDING, 0, MAX_PADDING_BYTES);
    const { arena, headerOffset } = fanOut;
    const headerEnd = this.#writeHeader(false, timestamp, MAX_PADDING_BYTES, nowMs);
    arena[headerOffset]! |= PADDING_BIT;
    fanOut.push(slot, Math.floor(this.#index / CYCLE), headerEnd - headerOffset);
    fanOut.flush();
    this.#index++;
  }

  #writeHeader(marker: boolean, timestamp: number, payloadBytes: number, nowMs: number, original?: SentLog): number {
    const { fanOut, writeExtensions } = this.#options;
    const fields = this.#fields;
    fields.marker = marker;
    fields.timestamp = timestamp;
    fields.payloadType = this.#codec.rtxPayloadType!;
    fields.sequenceNumber = this.#index % CYCLE;
    writeRtpHeader(fanOut.arena, fanOut.headerOffset, fields);
    return writeExtensions(fanOut.arena, fanOut.headerOffset, payloadBytes, nowMs, original);
  }
}
