import { ContinuedNumber } from '../rtp/continued-number.ts';
import { PayloadNumbering } from '../rtp/payload-numbering.ts';
import type { PayloadDescriptor } from './payload-descriptor.ts';
import { writeVp8Descriptor } from './vp8.ts';

const TL0_CYCLE = 0x100;
/** Picture ids are counted from here over all wraps, so that what came late before the first is not below zero. */
const FIRST_CYCLE = 0x8000;

/**
 * Continues the picture ids and TL0PICIDX of one outgoing VP8 stream over changes of its source, and over frames that are left out. Decoders
 * take a step in either for a frame that they never got (RFC 7741 section 4.2).
 */
export class Vp8Rewriter {
  readonly #numbering = new PayloadNumbering();
  readonly #levelIndices = new ContinuedNumber(TL0_CYCLE);
  /** Number from the source, extended over all wraps. */
  #highestPicture = 0;
  #pictureIdOffset = 0;
  /** Picture id of the packet that was sent furthest ahead; -1 before the first that has one. */
  #lastPictureId = -1;
  #isSwitching = true;

  /** The next packet comes from another source, and begins a frame. */
  switchSource(): void {
    this.#isSwitching = true;
    this.#levelIndices.switchSource();
  }

  /** Closes the picture ids up behind a frame that is left out; called for each of its packets. */
  skip(descriptor: PayloadDescriptor): void {
    if (descriptor.pictureIdBits > 0) this.#numbering.skip(this.#countPicture(descriptor));
  }

  /** Writes the descriptor for a packet of the source to `out`, and returns where it ends. */
  rewrite(out: Buffer, offset: number, packet: Buffer, start: number, descriptor: PayloadDescriptor): number {
    if (this.#isSwitching) this.#join(descriptor);
    const pictureId = this.#nextPictureId(descriptor);
    const { temporalLevel0Index } = descriptor;
    const levelIndex = temporalLevel0Index < 0 ? -1 : this.#levelIndices.next(temporalLevel0Index);
    return writeVp8Descriptor(out, offset, packet, start, descriptor, pictureId, levelIndex);
  }

  #join({ pictureId, pictureIdBits }: PayloadDescriptor): void {
    this.#isSwitching = false;
    this.#numbering.restart();
    this.#highestPicture = FIRST_CYCLE + Math.max(0, pictureId);
    if (pictureIdBits > 0 && this.#lastPictureId >= 0) this.#pictureIdOffset = this.#lastPictureId + 1 - pictureId;
  }

  #nextPictureId(descriptor: PayloadDescriptor): number {
    if (descriptor.pictureIdBits === 0) return -1;
    const cycle = 1 << descriptor.pictureIdBits;
    const number = this.#numbering.number(this.#countPicture(descriptor));
    const pictureId = modulo(number + this.#pictureIdOffset, cycle);
    if (isAhead(pictureId, this.#lastPictureId, cycle)) this.#lastPictureId = pictureId;
    return pictureId;
  }

  #countPicture({ pictureId, pictureIdBits }: PayloadDescriptor): number {
    const cycle = 1 << pictureIdBits;
    const ahead = modulo(pictureId - this.#highestPicture, cycle);
    if (ahead >= cycle / 2) return this.#highestPicture + ahead - cycle;
    this.#highestPicture += ahead;
    return this.#highestPicture;
  }
}

const modulo = (value: number, cycle: number): number => ((value % cycle) + cycle) % cycle;

const isAhead = (value: number, last: number, cycle: number): boolean =>
  last < 0 || modulo(value - last, cycle) < cycle / 2;
