/** Frames whose packets are counted at a time: a second of video at 30 frames/s, in which what is lost comes again or not at all. */
const MAX_FRAMES = 32;

interface Frame {
  /** -1 in one that is not in use. */
  timestamp: number;
  /** Index of the first packet that begins a key frame; -1 until it is known to be one. */
  keyframeIndex: number;
  /** Index of the packet with the marker, -1 before. */
  lastIndex: number;
  packets: number;
  /** From `order` when the first packet arrived. */
  order: number;
}

/**
 * Tells when all packets of a key frame have arrived, in whatever order. A frame ends with the marker and nowhere else: a sender that drops
 * the rest of a frame continues with the next sequence number, and what it leaves behind cannot be decoded.
 */
export class FrameArrivals {
  /** A ring, of objects that are used again. */
  readonly #frames: readonly Frame[] = Array.from({ length: MAX_FRAMES }, () => ({
    timestamp: -1,
    keyframeIndex: -1,
    lastIndex: -1,
    packets: 0,
    order: 0,
  }));
  #newest = 0;

  /**
   * Counts a packet, which must not have been counted before. Returns the `order` of the frame's first packet if this one makes
   * a key frame whole, else -1.
   */
  received(index: number, timestamp: number, marker: boolean, startsKeyframe: boolean, order: number): number {
    const frame = this.#find(timestamp) ?? this.#begin(timestamp, order);
    frame.packets++;
    if (startsKeyframe && (frame.keyframeIndex < 0 || index < frame.keyframeIndex)) frame.keyframeIndex = index;
    if (marker) frame.lastIndex = index;
    const isWhole =
      frame.keyframeIndex >= 0 && frame.lastIndex >= 0 && frame.packets > frame.lastIndex - frame.keyframeIndex;
    return isWhole ? frame.order : -1;
  }

  #find(timestamp: number): Frame | undefined {
    const newest = this.#frames[this.#newest]!;
    return newest.timestamp === timestamp ? newest : this.#frames.find((frame) => frame.timestamp === timestamp);
  }

  #begin(timestamp: number, order: number): Frame {
    this.#newest = (this.#newest + 1) % MAX_FRAMES;
    const frame = this.#frames[this.#newest]!;
    frame.timestamp = timestamp;
    frame.keyframeIndex = -1;
    frame.lastIndex = -1;
    frame.packets = 0;
    frame.order = order;
    return frame;
  }
}
