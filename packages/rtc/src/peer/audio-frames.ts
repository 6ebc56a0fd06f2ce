import { paddingLengthOf, payloadTypeOf, sequenceNumberOf, timestampOf } from '../rtp/header.ts';
import { findHeaderExtension, headerExtensionLength } from '../rtp/header-extensions.ts';
import { SequenceUnwrapper } from '../rtp/sequence.ts';
import type { FrameTimes } from './frame-times.ts';
import type { FrameReceiver, ReceivedFrame } from './received-frame.ts';
import { ReorderBuffer } from './reorder-buffer.ts';

/** Packets of voice are not sent again: what is overtaken arrives soon, or never. */
const LIMITS = { waitMs: 60, items: 64 };
const LEVEL_MASK = 0x7f;

export interface AudioFramesOptions {
  readonly payloadType: number;
  /** Header extension id of the audio level, 0 without one. */
  readonly audioLevelId: number;
  readonly times: FrameTimes;
  onFrame(frame: ReceivedFrame): void;
}

/** Puts the packets of a voice in order. Each is a frame. */
export class AudioFrames implements FrameReceiver {
  readonly #options: AudioFramesOptions;
  readonly #order: ReorderBuffer<Omit<ReceivedFrame, 'followsLoss'> | undefined>;
  readonly #indices = new SequenceUnwrapper();
  #hasLoss = false;

  constructor(options: AudioFramesOptions) {
    this.#options = options;
    this.#order = new ReorderBuffer(LIMITS, (frame, lost) => {
      this.#hasLoss ||= lost > 0;
      if (frame === undefined) return;
      const followsLoss = this.#hasLoss;
      this.#hasLoss = false;
      options.onFrame({ ...frame, followsLoss });
    });
  }

  receive(packet: Buffer, headerLength: number, nowMs: number): void {
    this.#order.insert(this.#indices.unwrap(sequenceNumberOf(packet)), this.#read(packet, headerLength, nowMs), nowMs);
  }

  deadline(): number {
    return this.#order.deadline();
  }

  timeout(nowMs: number): void {
    this.#order.timeout(nowMs);
  }

  /** Undefined for a packet of padding alone, or of another codec: it takes its place in the order. */
  #read(packet: Buffer, headerLength: number, nowMs: number): Omit<ReceivedFrame, 'followsLoss'> | undefined {
    const payload = packet.subarray(headerLength, packet.length - paddingLengthOf(packet));
    if (payload.length === 0 || payloadTypeOf(packet) !== this.#options.payloadType) return undefined;
    const timestamp = timestampOf(packet);
    const level = this.#levelOf(packet);
    return {
      payload: Uint8Array.from(payload),
      timestamp,
      timeMs: this.#options.times.timeOf(timestamp, nowMs),
      isKeyframe: true,
      ...(level !== undefined && { level }),
    };
  }

  #levelOf(packet: Buffer): number | undefined {
    const { audioLevelId } = this.#options;
    const at = audioLevelId === 0 ? -1 : findHeaderExtension(packet, audioLevelId);
    return at < 0 || headerExtensionLength(packet, at) === 0 ? undefined : packet[at]! & LEVEL_MASK;
  }
}
