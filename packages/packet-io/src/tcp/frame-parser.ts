/** The length field in front of each frame. */
export const FRAME_HEADER_BYTES = 2;

/** Longest frame that the length field can announce. */
export const MAX_FRAME_BYTES = 0xffff;

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-------------------------------+-------------------------------+
//  |             LENGTH            |  STUN, DTLS, RTP or RTCP ...  |
//  +-------------------------------+-------------------------------+

/** Takes one frame without its length, borrowed until return. */
export type OnFrame = (arena: Uint8Array, offset: number, length: number) => void;

/**
 * Splits a stream of bytes into frames (RFC 4571 section 2), wherever its chunks begin and end. Frames that are whole within a chunk are not
 * copied. A frame above the limit is skipped without storing it.
 */
export class FrameParser {
  /** Upper bound on the length of frames. May be changed between frames. */
  maxFrameBytes: number;
  #frames = 0;
  #oversized = 0;
  /** First byte of a length whose second has not come yet. */
  #highByte: number | undefined;
  #partial: Buffer | undefined;
  #filledBytes = 0;
  #skippedBytes = 0;

  constructor(maxFrameBytes: number) {
    this.maxFrameBytes = maxFrameBytes;
  }

  /** Frames that have begun so far, empty and oversized ones included. */
  get frames(): number {
    return this.#frames;
  }

  /** Frames above the limit. */
  get oversized(): number {
    return this.#oversized;
  }

  /** Takes the next bytes of the stream. */
  parse(chunk: Uint8Array, onFrame: OnFrame): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#skippedBytes > 0) at = this.#skip(chunk, at);
      else if (this.#partial !== undefined) at = this.#fill(this.#partial, chunk, at, onFrame);
      else if (this.#highByte === undefined) this.#highByte = chunk[at++];
      else {
        const length = this.#highByte * 0x100 + chunk[at++]!;
        this.#highByte = undefined;
        at = this.#begin(length, chunk, at, onFrame);
      }
    }
  }

  #begin(length: number, chunk: Uint8Array, at: number, onFrame: OnFrame): number {
    this.#frames++;
    if (length > this.maxFrameBytes) {
      this.#oversized++;
      this.#skippedBytes = length;
      return at;
    }
    if (chunk.length - at < length) {
      this.#partial = Buffer.allocUnsafe(length);
      this.#filledBytes = 0;
      return at;
    }
    if (length > 0) onFrame(chunk, at, length);
    return at + length;
  }

  #fill(partial: Buffer, chunk: Uint8Array, at: number, onFrame: OnFrame): number {
    const end = Math.min(chunk.length, at + partial.length - this.#filledBytes);
    partial.set(chunk.subarray(at, end), this.#filledBytes);
    this.#filledBytes += end - at;
    if (this.#filledBytes === partial.length) {
      this.#partial = undefined;
      onFrame(partial, 0, partial.length);
    }
    return end;
  }

  #skip(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#skippedBytes);
    this.#skippedBytes -= end - at;
    return end;
  }
}

/** Copies a datagram into a frame. */
export function frameOf(datagram: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + datagram.length);
  writeFrame(datagram, frame);
  return frame;
}

/** Writes a datagram as a frame at the start of `target`, and returns the length of both. */
export function writeFrame(datagram: Uint8Array, target: Uint8Array): number {
  target[0] = datagram.length >>> 8;
  target[1] = datagram.length;
  target.set(datagram, FRAME_HEADER_BYTES);
  return FRAME_HEADER_BYTES + datagram.length;
}
