import { emptyPayloadDescriptor } from '../codecs/payload-descriptor.ts';
import { payloadReader } from '../codecs/payload-format.ts';
import { NackGenerator } from '../media/receive/nack-generator.ts';
import { markerOf, paddingLengthOf, payloadTypeOf, sequenceNumberOf, timestampOf } from '../rtp/header.ts';
import { SequenceUnwrapper } from '../rtp/sequence.ts';
import type { FrameTimes } from './frame-times.ts';
import type { FrameReceiver, ReceivedFrame } from './received-frame.ts';
import { ReorderBuffer } from './reorder-buffer.ts';

/** A lost packet is sent again within a few round trips; then only a key frame helps. Two seconds of a screen at 2.5 Mbit/s wait. */
const LIMITS = { waitMs: 1_000, items: 1_024 };
/** Bounds on one picture: a key frame of a screen in 4K has far less. */
const MAX_FRAME_BYTES = 8 * 1024 * 1024;
/** SFUs pass on one request per second. */
const KEYFRAME_REQUEST_MS = 1_000;

interface VideoPacket {
  readonly payload: Buffer;
  readonly timestamp: number;
  readonly arrivedMs: number;
  readonly marker: boolean;
}

export interface VideoFramesOptions {
  readonly mimeType: string;
  readonly payloadType: number;
  readonly times: FrameTimes;
  onFrame(frame: ReceivedFrame): void;
  /** Asks the SFU for packets again. */
  requestPackets(sequenceNumbers: readonly number[]): void;
  /** Asks the SFU for a key frame. */
  requestKeyframe(): void;
}

/**
 * Puts the packets of a video together to pictures that a decoder can decode: from a key frame on, in order, without gaps. Lost packets
 * are asked for, and a key frame where they do not arrive. For codecs whose payload is the picture behind a descriptor: VP8.
 */
export class VideoFrames implements FrameReceiver {
  readonly #options: VideoFramesOptions;
  readonly #order: ReorderBuffer<VideoPacket | undefined>;
  readonly #indices = new SequenceUnwrapper();
  readonly #nacks = new NackGenerator();
  readonly #descriptor = emptyPayloadDescriptor();
  readonly #read: ReturnType<typeof payloadReader>;
  /** Parts of the picture that arrives, undefined while a key frame is needed. */
  #parts: Buffer[] | undefined;
  #bytes = 0;
  #first: VideoPacket | undefined;
  #isKeyframe = false;
  #followsLoss = false;
  #nextRequestMs: number;

  constructor(options: VideoFramesOptions, nowMs: number) {
    this.#options = options;
    this.#read = payloadReader(options.mimeType);
    this.#order = new ReorderBuffer(LIMITS, (packet, lost) => this.#take(packet, lost));
    this.#nextRequestMs = nowMs;
  }

  receive(packet: Buffer, headerLength: number, nowMs: number): void {
    const index = this.#indices.unwrap(sequenceNumberOf(packet));
    if (!this.#nacks.received(index, nowMs)) this.#lose();
    this.#order.insert(index, this.#copy(packet, headerLength, nowMs), nowMs);
  }

  deadline(): number {
    const requestMs = this.#parts === undefined ? this.#nextRequestMs : Number.POSITIVE_INFINITY;
    return Math.min(this.#order.deadline(), this.#nacks.deadline(), requestMs);
  }

  timeout(nowMs: number): void {
    this.#order.timeout(nowMs);
    const missing = this.#nacks.takeDue(nowMs);
    if (missing.length > 0) this.#options.requestPackets(missing);
    if (this.#parts !== undefined || nowMs < this.#nextRequestMs) return;
    this.#nextRequestMs = nowMs + KEYFRAME_REQUEST_MS;
    this.#options.requestKeyframe();
  }

  /** Undefined for a packet of padding alone, or of another codec: it takes its place in the order. */
  #copy(packet: Buffer, headerLength: number, arrivedMs: number): VideoPacket | undefined {
    const payload = packet.subarray(headerLength, packet.length - paddingLengthOf(packet));
    if (payload.length === 0 || payloadTypeOf(packet) !== this.#options.payloadType) return undefined;
    return { payload: Buffer.from(payload), timestamp: timestampOf(packet), marker: markerOf(packet), arrivedMs };
  }

  #take(packet: VideoPacket | undefined, lost: number): void {
    if (lost > 0) this.#lose();
    if (packet === undefined) return;
    const { payload, timestamp, marker } = packet;
    if (!this.#read(payload, 0, payload.length, this.#descriptor)) return this.#lose();
    const { startsKeyframe, length } = this.#descriptor;
    // A picture ends with the marker: in one that ends otherwise, something is missing.
    if (this.#first !== undefined && this.#first.timestamp !== timestamp) this.#lose();
    if (this.#parts === undefined) {
      if (!startsKeyframe) return;
      this.#parts = [];
    }
    if (this.#first === undefined) {
      this.#first = packet;
      this.#isKeyframe = startsKeyframe;
    }
    this.#parts.push(payload.subarray(length));
    this.#bytes += payload.length - length;
    if (this.#bytes > MAX_FRAME_BYTES) this.#lose();
    else if (marker) this.#complete(this.#parts, this.#first);
  }

  #complete(parts: readonly Buffer[], { timestamp, arrivedMs }: VideoPacket): void {
    const frame = {
      payload: Uint8Array.from(Buffer.concat(parts)),
      timestamp,
      timeMs: this.#options.times.timeOf(timestamp, arrivedMs),
      followsLoss: this.#followsLoss,
      isKeyframe: this.#isKeyframe,
    };
    this.#begin([]);
    this.#followsLoss = false;
    this.#options.onFrame(frame);
  }

  /** Something is missing: the next picture that can be decoded is a key frame. */
  #lose(): void {
    this.#begin(undefined);
    this.#followsLoss = true;
  }

  #begin(parts: Buffer[] | undefined): void {
    this.#parts = parts;
    this.#first = undefined;
    this.#bytes = 0;
  }
}
