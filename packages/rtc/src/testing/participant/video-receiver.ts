import { NackGenerator } from '../../media/receive/nack-generator.ts';
import { codecNameOf, type VideoCodecName } from '../../peer/participant-sdp.ts';
import { MAX_NACK_NUMBERS, writeNack, writePictureLoss } from '../../rtcp/feedback.ts';
import {
  paddingLengthOf,
  payloadTypeOf,
  rtpHeaderLength,
  sequenceNumberOf,
  ssrcOf,
  timestampOf,
} from '../../rtp/header.ts';
import { OSN_BYTES, originalSequenceNumberOf } from '../../rtp/retransmission.ts';
import { CYCLE, nearestIndex, timestampDelta } from '../../rtp/sequence.ts';
import type { Codec } from '../../sdp/description.ts';
import type { RecordedVideo } from './recorded-video.ts';
import { PICTURE_IDS, readVideoPayload, type VideoPayload } from './video-payload.ts';

/** A frame that was shown. */
export interface ShownFrame {
  /** SSRC under which its sender sent it. */
  readonly source: number;
  /** Count of all frames of that source, or of those of a recording since it restarted. */
  readonly frame: number;
  readonly isKeyframe: boolean;
  readonly atMs: number;
}

export interface VideoReceiverOptions {
  readonly ssrc: number;
  /** SSRC of retransmissions, if not `ssrc`. */
  readonly rtxSsrc: number | undefined;
  readonly recordings: readonly RecordedVideo[];
  readonly sendRtcp: (compound: Uint8Array) => void;
}

interface ArrivingFrame {
  readonly payload: VideoPayload;
  readonly timestamp: number;
  readonly positions: Set<number>;
}

/** Without a first frame for so long, a browser asks for a key frame, and again. */
const KEYFRAME_WAIT_MS = 200;
/** Without the next frame for so long, although later ones arrive, it gives up on it. */
const FRAME_WAIT_MS = 1_000;
const ROUND_TRIP_MS = 60;
/** Packets that are distinguished from repeated ones. */
const WINDOW_PACKETS = 8_192;

/**
 * Receives one video as a browser does: asks for lost packets, puts frames together, shows those that it can decode, and asks for
 * a key frame when it cannot continue. Frames follow each other by their picture ids.
 */
export class VideoReceiver {
  /** In order. */
  readonly shown: ShownFrame[] = [];
  packets = 0;
  /** Number of these that arrived in the retransmission stream. */
  retransmissions = 0;
  /** Packets that are not what a participant sends, or contradict others of their frame. */
  corrupt = 0;
  /** Key frames that it asked for. */
  keyframeRequests = 0;
  /** In which it is sent at the moment; undefined before the first packet. */
  codec: VideoCodecName | undefined;
  /** Under which the SFU sends it. */
  readonly ssrc: number;
  readonly #options: VideoReceiverOptions;
  readonly #nacks = new NackGenerator();
  /** By picture id, counted on over wraps. */
  readonly #frames = new Map<number, ArrivingFrame>();
  readonly #codecs = new Map<number, VideoCodecName>();
  readonly #indices = new Set<number>();
  /** Index of the first packet in `codec`. */
  #codecIndex = 0;
  #highestIndex: number | undefined;
  #firstPicture: number | undefined;
  /** The picture that follows the last shown one. */
  #followingPicture: number | undefined;
  #lastTimestamp = 0;
  #lastShownMs = 0;
  #checkMs: number;

  constructor(options: VideoReceiverOptions, nowMs: number) {
    this.ssrc = options.ssrc;
    this.#options = options;
    this.#checkMs = nowMs + KEYFRAME_WAIT_MS;
  }

  /** Frames between the first and the last shown one of each source that were left out. */
  get skipped(): number {
    let skipped = 0;
    for (const [i, { source, frame }] of this.shown.entries()) {
      const before = this.shown[i - 1];
      if (before?.source === source && before.frame < frame) skipped += frame - before.frame - 1;
    }
    return skipped;
  }

  /** Sequence number of the packet that is furthest ahead. */
  get highestSequence(): number {
    return (this.#highestIndex ?? 0) % CYCLE;
  }

  /** Takes a decrypted packet of the stream or of its retransmissions. */
  receive(packet: Buffer, nowMs: number): void {
    const headerLength = rtpHeaderLength(packet);
    const isRetransmission = ssrcOf(packet) === this.#options.rtxSsrc;
    const length = packet.length - headerLength - paddingLengthOf(packet);
    const sequenceNumber = isRetransmission
      ? originalSequenceNumberOf(packet, headerLength, length)
      : sequenceNumberOf(packet);
    if (sequenceNumber < 0) return;
    this.packets++;
    const codec = this.#codecs.get(payloadTypeOf(packet));
    if (codec === undefined) {
      this.corrupt++;
      return;
    }
    if (isRetransmission) this.retransmissions++;
    this.#highestIndex ??= CYCLE + sequenceNumber;
    const index = nearestIndex(sequenceNumber, this.#highestIndex);
    if (this.#indices.has(index)) return;
    this.#indices.add(index);
    this.#indices.delete(index - WINDOW_PACKETS);
    this.#highestIndex = Math.max(this.#highestIndex, index);
    this.#nacks.received(index, nowMs);
    const start = headerLength + (isRetransmission ? OSN_BYTES : 0);
    if (headerLength + length > start) {
      this.#take(codec, index, packet.subarray(start, headerLength + length), timestampOf(packet), nowMs);
    }
  }

  /** Takes the numbers of the codecs in which it may be sent. */
  adopt(codecs: readonly Codec[]): void {
    this.#codecs.clear();
    for (const codec of codecs) {
      for (const payloadType of [codec.payloadType, codec.rtxPayloadType ?? codec.payloadType]) {
        this.#codecs.set(payloadType, codecNameOf(codec));
      }
    }
  }

  /** Time at which something is to be asked of the sender. */
  deadline(): number {
    return Math.min(this.#nacks.deadline(), this.#checkMs);
  }

  /** Asks for what is due. */
  timeout(nowMs: number): void {
    const { ssrc } = this.#options;
    const due = this.#nacks.takeDue(nowMs, ROUND_TRIP_MS);
    while (due.length > 0) this.#send(writeNack(scratch, 0, 1, ssrc, due.splice(0, MAX_NACK_NUMBERS)));
    if (nowMs < this.#checkMs) return;
    this.#checkMs = nowMs + KEYFRAME_WAIT_MS;
    if (this.shown.length > 0 && !this.#isStuck(nowMs)) return;
    this.keyframeRequests++;
    this.#send(writePictureLoss(scratch, 0, 1, ssrc));
  }

  #isStuck(nowMs: number): boolean {
    return nowMs - this.#lastShownMs > FRAME_WAIT_MS && this.#frames.size > 0;
  }

  #send(length: number): void {
    this.#options.sendRtcp(scratch.subarray(0, length));
  }

  #take(codec: VideoCodecName, index: number, bytes: Buffer, timestamp: number, nowMs: number): void {
    const recording = this.#options.recordings.find((it) => it.codec === codec);
    const payload = readVideoPayload(codec, bytes) ?? recording?.read(bytes);
    if (!payload) {
      this.corrupt++;
      return;
    }
    if (codec !== this.codec && !this.#beginCodec(codec, index, payload)) return;
    // Only VP8's picture ids are continued over what is left out. Of the others, each packet of a frame shows where it begins.
    const picture = codec === 'VP8' ? this.#pictureOf(payload.pictureId) : index - payload.position;
    if (this.#followingPicture !== undefined && picture < this.#followingPicture) return;
    const frame = this.#frames.get(picture) ?? { payload, timestamp, positions: new Set() };
    this.#frames.set(picture, frame);
    const isSame = frame.payload.source === payload.source && frame.payload.frame === payload.frame;
    if (!isSame || frame.timestamp !== timestamp) this.corrupt++;
    frame.positions.add(payload.position);
    for (let next = this.#nextPicture(); next !== undefined; next = this.#nextPicture()) this.#show(next, nowMs);
  }

  /** With a key frame ahead of what was sent in the codec before. */
  #beginCodec(codec: VideoCodecName, index: number, { isKeyframe }: VideoPayload): boolean {
    if (this.codec !== undefined && (!isKeyframe || index < this.#codecIndex)) return false;
    this.codec = codec;
    this.#codecIndex = index;
    this.#frames.clear();
    this.#firstPicture = undefined;
    this.#followingPicture = undefined;
    return true;
  }

  #pictureOf(pictureId: number): number {
    this.#firstPicture ??= PICTURE_IDS + pictureId;
    const known = this.#followingPicture ?? this.#firstPicture;
    return known + ((((pictureId - known) % PICTURE_IDS) + 1.5 * PICTURE_IDS) % PICTURE_IDS) - PICTURE_IDS / 2;
  }

  /** The picture that can be decoded: the next one, or a key frame further on. */
  #nextPicture(): number | undefined {
    let next: number | undefined;
    for (const [picture, { payload, positions }] of this.#frames) {
      const isDecodable = payload.isKeyframe || picture === this.#followingPicture;
      if (positions.size === payload.packets && isDecodable && picture < (next ?? Number.POSITIVE_INFINITY)) {
        next = picture;
      }
    }
    return next;
  }

  #show(picture: number, nowMs: number): void {
    const { payload, timestamp } = this.#frames.get(picture)!;
    if (this.shown.length > 0 && timestampDelta(timestamp, this.#lastTimestamp) <= 0) this.corrupt++;
    this.shown.push({
      source: payload.source,
      frame: payload.frame,
      isKeyframe: payload.isKeyframe,
      atMs: nowMs,
    });
    this.#followingPicture = picture + (this.codec === 'VP8' ? 1 : payload.packets);
    this.#lastTimestamp = timestamp;
    this.#lastShownMs = nowMs;
    for (const known of this.#frames.keys()) if (known <= picture) this.#frames.delete(known);
  }
}

const scratch = Buffer.alloc(12 + 4 * MAX_NACK_NUMBERS);
