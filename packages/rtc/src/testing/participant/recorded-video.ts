import { gunzipSync } from 'node:zlib';
import type { VideoCodecName } from '../../peer/participant-sdp.ts';
import { PICTURE_IDS, type VideoPayload } from './video-payload.ts';

/** One frame of a recorded video, in RTP payloads. */
export interface RecordedFrame {
  readonly isKeyframe: boolean;
  /** RTP payloads. Those of VP8 have a payload descriptor of one byte. */
  readonly payloads: readonly Buffer[];
}

/** Frames of a genuine encoder, the first of which is a key frame. */
export class RecordedVideo {
  readonly codec: VideoCodecName;
  readonly frames: readonly RecordedFrame[];
  readonly #byBytes = new Map<string, Omit<VideoPayload, 'pictureId'>>();

  constructor(codec: VideoCodecName, frames: readonly RecordedFrame[]) {
    this.codec = codec;
    this.frames = frames;
    for (const [frame, { isKeyframe, payloads }] of frames.entries()) {
      for (const [position, payload] of payloads.entries()) {
        const found = { source: 0, frame, position, packets: payloads.length, isKeyframe };
        this.#byBytes.set(payload.toString('latin1', this.#descriptorBytes), found);
      }
    }
  }

  /** Returns a payload as it is sent: of VP8 with a picture id. */
  write({ frame, position, pictureId }: Pick<VideoPayload, 'frame' | 'position' | 'pictureId'>): Buffer {
    const payload = this.frames[frame]!.payloads[position]!;
    if (this.codec !== 'VP8') return payload;
    const descriptor = Buffer.of(VP8_X_BIT | payload[0]!, VP8_I_BIT, VP8_M_BIT | (pictureId >> 8), pictureId & 0xff);
    return Buffer.concat([descriptor, payload.subarray(this.#descriptorBytes)]);
  }

  /** Finds the frame that a payload is of. Undefined for one that is not a part of these frames, whole. */
  read(payload: Buffer): VideoPayload | undefined {
    const isVp8 = this.codec === 'VP8';
    const found = this.#byBytes.get(payload.toString('latin1', isVp8 ? VP8_DESCRIPTOR_BYTES : 0));
    return found && { ...found, pictureId: isVp8 ? payload.readUInt16BE(2) & (PICTURE_IDS - 1) : 0 };
  }

  get #descriptorBytes(): number {
    return this.codec === 'VP8' ? 1 : 0;
  }
}

/** Reads gzip of `{codec, frames}`, where a frame is `[1 for a key frame, [payload in base64]]`. */
export function readRecordedVideo(file: Uint8Array): RecordedVideo {
  const { codec, frames } = JSON.parse(gunzipSync(file).toString()) as {
    readonly codec: VideoCodecName;
    readonly frames: readonly (readonly [0 | 1, readonly string[]])[];
  };
  return new RecordedVideo(
    codec,
    frames.map(([key, payloads]) => ({
      isKeyframe: key === 1,
      payloads: payloads.map((base64) => Buffer.from(base64, 'base64')),
    })),
  );
}

/** RFC 7741 section 4.2: X and I, and M of a picture id of 15 bits. */
const VP8_DESCRIPTOR_BYTES = 4;
const VP8_X_BIT = 0x80;
const VP8_I_BIT = 0x80;
const VP8_M_BIT = 0x80;
