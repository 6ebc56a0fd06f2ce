import { type RtcpVisitor, visitRtcp } from '../src/rtcp/compound.ts';
import { writeRtpHeader } from '../src/rtp/header.ts';
import { CYCLE, nearestIndex } from '../src/rtp/sequence.ts';
import type { VirtualTime } from '../src/testing/index.ts';

export const VIDEO_SSRC = 11;
export const RTX_SSRC = 12;
const VIDEO_PAYLOAD_TYPE = 96;
const RTX_PAYLOAD_TYPE = 97;
const TICKS_PER_MS = 90;
/** As many as browsers keep. */
const HISTORY_PACKETS = 600;
const KEYFRAME_PACKETS = 30;
const DELTA_PACKETS = 3;
/** Of a frame's first packet, the key frame flag; of each, the frame's number, its position and its frame's length. */
export const PAYLOAD_BYTES = 200;

export interface VideoSenderOptions {
  readonly framesPerSecond: number;
  /** Resends in a stream of its own. */
  readonly usesRtx: boolean;
  /** Padding-only packets behind each frame, which probe the bandwidth under the numbers of the media. */
  readonly probesPerFrame?: number;
  send(packet: Buffer): void;
}

/** What a browser sends for a screen or camera, and what it does about NACK and PLI. */
export class VideoSender {
  /** Frames sent so far. */
  frames = 0;
  keyframes = 0;
  /** When PLI arrived. */
  readonly pictureLossMs: number[] = [];
  readonly #time: VirtualTime;
  readonly #options: VideoSenderOptions;
  readonly #history = new Map<number, Buffer>();
  readonly #visitor: RtcpVisitor;
  /** Soon to wrap. */
  #index = CYCLE - 100;
  #rtxIndex = 500;
  #needsKeyframe = true;
  #isStopped = false;

  constructor(time: VirtualTime, options: VideoSenderOptions) {
    this.#time = time;
    this.#options = options;
    this.#visitor = {
      onNack: (_ssrc, sequenceNumber) => this.#resend(nearestIndex(sequenceNumber, this.#index)),
      onPictureLoss: (_ssrc, nowMs) => {
        this.pictureLossMs.push(nowMs);
        this.#needsKeyframe = true;
      },
    };
    this.#sendFrames();
  }

  receive(compound: Buffer): void {
    visitRtcp(compound, this.#visitor, this.#time.nowMs);
  }

  stop(): void {
    this.#isStopped = true;
  }

  #sendFrames(): void {
    if (this.#isStopped) return;
    const isKeyframe = this.#needsKeyframe;
    this.#needsKeyframe = false;
    if (isKeyframe) this.keyframes++;
    const packets = isKeyframe ? KEYFRAME_PACKETS : DELTA_PACKETS;
    for (let position = 0; position < packets; position++) this.#sendPacket(isKeyframe, position, packets);
    for (let probe = 0; probe < (this.#options.probesPerFrame ?? 0); probe++) this.#sendPadding();
    this.frames++;
    this.#time.schedule(this.#time.nowMs + 1000 / this.#options.framesPerSecond, () => this.#sendFrames());
  }

  #sendPacket(isKeyframe: boolean, position: number, packets: number): void {
    const packet = Buffer.alloc(12 + PAYLOAD_BYTES, this.frames);
    this.#writeHeader(packet, position === packets - 1);
    packet[12] = isKeyframe && position === 0 ? 1 : 0;
    packet.writeUInt32BE(this.frames, 13);
    packet.writeUInt16BE(position, 17);
    packet.writeUInt16BE(packets, 19);
    packet[21] = isKeyframe ? 1 : 0;
    this.#history.set(this.#index, packet);
    this.#history.delete(this.#index - HISTORY_PACKETS);
    this.#index++;
    this.#options.send(packet);
  }

  #sendPadding(): void {
    const packet = Buffer.alloc(12 + 255, 255);
    this.#writeHeader(packet, false);
    packet[0]! |= 0x20;
    this.#index++;
    this.#options.send(packet);
  }

  #writeHeader(packet: Buffer, marker: boolean): void {
    writeRtpHeader(packet, 0, {
      marker,
      payloadType: VIDEO_PAYLOAD_TYPE,
      sequenceNumber: this.#index % CYCLE,
      timestamp: Math.round(this.#time.nowMs * TICKS_PER_MS) >>> 0,
      ssrc: VIDEO_SSRC,
    });
  }

  #resend(index: number): void {
    const original = this.#history.get(index);
    if (!original) return;
    if (!this.#options.usesRtx) return this.#options.send(original);
    const packet = Buffer.alloc(original.length + 2);
    original.copy(packet, 0, 0, 12);
    packet[1] = (packet[1]! & 0x80) | RTX_PAYLOAD_TYPE;
    packet.writeUInt16BE(this.#rtxIndex++ % CYCLE, 2);
    packet.writeUInt32BE(RTX_SSRC, 8);
    packet.writeUInt16BE(index % CYCLE, 12);
    original.copy(packet, 14, 12);
    this.#options.send(packet);
  }
}
