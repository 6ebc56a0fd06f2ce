import { NackGenerator } from '../src/media/receive/nack-generator.ts';
import { writeNack, writePictureLoss } from '../src/rtcp/feedback.ts';
import { rtpHeaderLength, sequenceNumberOf, ssrcOf } from '../src/rtp/header.ts';
import { CYCLE, nearestIndex } from '../src/rtp/sequence.ts';
import type { Timed, VirtualTime } from '../src/testing/index.ts';

export interface VideoReceiverOptions {
  readonly ssrc: number;
  /** Where retransmissions come, if not on `ssrc`. */
  readonly rtxSsrc: number | undefined;
  readonly roundTripMs: number;
  send(compound: Buffer): void;
}

interface Frame {
  readonly packets: Set<number>;
  readonly length: number;
  readonly isKeyframe: boolean;
}

/** Without a first frame for so long, a browser asks for a key frame, and again. */
const KEYFRAME_WAIT_MS = 200;
/** Without the next frame for so long, it gives up on it. */
const FRAME_WAIT_MS = 1_000;

/** What a browser does with the video that it is sent: repairs loss, decodes what is whole, and asks for a key frame when it cannot go on. */
export class VideoReceiver implements Timed {
  /** Numbers of the frames that were shown, in order. */
  readonly shown: number[] = [];
  readonly #time: VirtualTime;
  readonly #options: VideoReceiverOptions;
  readonly #nacks = new NackGenerator();
  readonly #frames = new Map<number, Frame>();
  readonly #indices = new Set<number>();
  #highestIndex: number | undefined;
  #checkMs: number;
  #lastShownMs = 0;

  constructor(time: VirtualTime, options: VideoReceiverOptions) {
    this.#time = time;
    this.#options = options;
    this.#checkMs = time.nowMs + KEYFRAME_WAIT_MS;
    time.attach(this);
  }

  receive(packet: Buffer): void {
    const headerLength = rtpHeaderLength(packet);
    const isRtx = ssrcOf(packet) === this.#options.rtxSsrc;
    const sequenceNumber = isRtx ? packet.readUInt16BE(headerLength) : sequenceNumberOf(packet);
    this.#highestIndex ??= CYCLE + sequenceNumber;
    const index = nearestIndex(sequenceNumber, this.#highestIndex);
    if (this.#indices.has(index)) return;
    this.#indices.add(index);
    this.#highestIndex = Math.max(this.#highestIndex, index);
    this.#nacks.received(index, this.#time.nowMs);
    this.#take(packet.subarray(headerLength + (isRtx ? 2 : 0)));
  }

  deadline(): number {
    return Math.min(this.#nacks.deadline(), this.#checkMs);
  }

  timeout(nowMs: number): void {
    const due = this.#nacks.takeDue(nowMs, this.#options.roundTripMs);
    for (let from = 0; from < due.length; from += 100)
      this.#send(writeNack(out, 0, 1, this.#options.ssrc, due.slice(from, from + 100)));
    if (nowMs < this.#checkMs) return;
    this.#checkMs = nowMs + KEYFRAME_WAIT_MS;
    if (this.shown.length === 0 || this.#isStuck()) this.#send(writePictureLoss(out, 0, 1, this.#options.ssrc));
  }

  /** A frame after the one that was shown last has begun to arrive, and that has not gone on. */
  #isStuck(): boolean {
    const stuckMs = this.#time.nowMs - this.#lastShownMs;
    return stuckMs > FRAME_WAIT_MS && [...this.#frames.keys()].some((number) => number > this.shown.at(-1)!);
  }

  #send(length: number): void {
    this.#options.send(Buffer.from(out.subarray(0, length)));
  }

  #take(payload: Buffer): void {
    const number = payload.readUInt32BE(1);
    const frame = this.#frames.get(number) ?? {
      packets: new Set(),
      length: payload.readUInt16BE(7),
      isKeyframe: payload[9] === 1,
    };
    frame.packets.add(payload.readUInt16BE(5));
    this.#frames.set(number, frame);
    this.#show();
  }

  /** Shows what can be decoded: the next frame, or a key frame further on. */
  #show(): void {
    for (;;) {
      const last = this.shown.at(-1) ?? -1;
      const [next] = [...this.#frames]
        .filter(([number, { packets, length, isKeyframe }]) => {
          return number > last && packets.size === length && (isKeyframe || number === last + 1);
        })
        .toSorted(([a], [b]) => a - b);
      if (!next) return;
      this.shown.push(next[0]);
      this.#lastShownMs = this.#time.nowMs;
      for (const number of this.#frames.keys()) if (number <= next[0]) this.#frames.delete(number);
    }
  }
}

const out = Buffer.alloc(1200);
