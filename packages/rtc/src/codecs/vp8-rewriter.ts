import { type Vp8Descriptor, writeVp8Descriptor } from './vp8-descriptor.ts';

const TL0_CYCLE = 0x100;

/**
 * Continues the picture ids and TL0PICIDX of one outgoing VP8 stream over changes of its source. Decoders take a step in either for a
 * frame that they never got (RFC 7741 section 4.2).
 */
export class Vp8Rewriter {
  #pictureIdOffset = 0;
  #levelIndexOffset = 0;
  /** Of the packet that was sent furthest ahead. */
  #lastPictureId = -1;
  #lastLevelIndex = -1;
  #isSwitching = true;

  /** The next packet comes from another source, and begins a frame. */
  switchSource(): void {
    this.#isSwitching = true;
  }

  /** Writes the descriptor for a packet of the source to `out`, and returns where it ends. */
  rewrite(out: Buffer, offset: number, packet: Buffer, start: number, descriptor: Vp8Descriptor): number {
    if (this.#isSwitching) this.#join(descriptor);
    const cycle = 1 << descriptor.pictureIdBits;
    const pictureId = modulo(descriptor.pictureId + this.#pictureIdOffset, cycle);
    const levelIndex = modulo(descriptor.temporalLevel0Index + this.#levelIndexOffset, TL0_CYCLE);
    if (isAhead(pictureId, this.#lastPictureId, cycle)) this.#lastPictureId = pictureId;
    if (isAhead(levelIndex, this.#lastLevelIndex, TL0_CYCLE)) this.#lastLevelIndex = levelIndex;
    return writeVp8Descriptor(out, offset, packet, start, descriptor, pictureId, levelIndex);
  }

  #join({ pictureId, temporalLevel0Index }: Vp8Descriptor): void {
    this.#isSwitching = false;
    if (this.#lastPictureId >= 0) this.#pictureIdOffset = this.#lastPictureId + 1 - pictureId;
    if (this.#lastLevelIndex >= 0) this.#levelIndexOffset = this.#lastLevelIndex + 1 - temporalLevel0Index;
  }
}

const modulo = (value: number, cycle: number): number => ((value % cycle) + cycle) % cycle;

const isAhead = (value: number, last: number, cycle: number): boolean =>
  last < 0 || modulo(value - last, cycle) < cycle / 2;
