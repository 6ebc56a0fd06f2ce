/** X, extended descriptor, and the parts that it announces (RFC 7741 section 4.2). */
const EXTENDED = 0x80;
const HAS_PICTURE_ID = 0x80;
const HAS_TL0PICIDX = 0x40;
const HAS_TID_OR_KEYIDX = 0x30;
const LONG_PICTURE_ID = 0x80;
/** S and PID 0 (same section): the packet begins a frame. */
const START_MASK = 0x17;
const START = 0x10;
/** P of the payload header, inverse key frame flag (section 4.3). */
const INTER_FRAME = 0x01;
/** Offset of the width in the first partition of a key frame (RFC 6386 section 9.1), and its bits. */
const WIDTH_OFFSET = 6;
const WIDTH_MASK = 0x3fff;

/** Counts the pictures that a peer has seen on each of its sections, by their width. */
export class Seeing {
  /** By mid, then by width. */
  readonly #pictures = new Map<string, Map<number, number>>();
  /** Width of the last key frame of each section whose pictures come as packets. */
  readonly #widths = new Map<string, number>();

  /** Takes an RTP payload of VP8. A picture counts once its last packet is there, from a key frame on. */
  receivePayload(mid: string, payload: Buffer, isLast: boolean): void {
    if ((payload.readUInt8(0) & START_MASK) === START) {
      const frame = payload.subarray(descriptorLength(payload));
      if ((frame.readUInt8(0) & INTER_FRAME) === 0) {
        this.#widths.set(mid, frame.readUInt16LE(WIDTH_OFFSET) & WIDTH_MASK);
      }
    }
    const width = this.#widths.get(mid);
    if (isLast && width !== undefined) this.receivePictures(mid, width, 1);
  }

  /** Takes the report of decoded pictures. */
  receivePictures(mid: string, width: number, pictures: number): void {
    const byWidth = this.#pictures.get(mid) ?? new Map<number, number>();
    byWidth.set(width, (byWidth.get(width) ?? 0) + pictures);
    this.#pictures.set(mid, byWidth);
  }

  /** Pictures of this width on one section. */
  pictures(mid: string, width: number): number {
    return this.#pictures.get(mid)?.get(width) ?? 0;
  }

  /** Pictures of any width on one section. */
  anyPictures(mid: string): number {
    return [...(this.#pictures.get(mid)?.values() ?? [])].reduce((sum, pictures) => sum + pictures, 0);
  }

  /** Pictures of this width on all sections but one. */
  elsewhere(mid: string, width: number): number {
    return [...this.#pictures.keys()].reduce(
      (sum, other) => (other === mid ? sum : sum + this.pictures(other, width)),
      0,
    );
  }

  /** Everything seen so far, for the message of a failed test. */
  toJSON(): Record<string, Record<string, number>> {
    return Object.fromEntries([...this.#pictures].map(([mid, byWidth]) => [mid, Object.fromEntries(byWidth)]));
  }
}

function descriptorLength(payload: Buffer): number {
  if ((payload.readUInt8(0) & EXTENDED) === 0) return 1;
  const parts = payload.readUInt8(1);
  let length = 2;
  if (parts & HAS_PICTURE_ID) length += payload.readUInt8(length) & LONG_PICTURE_ID ? 2 : 1;
  if (parts & HAS_TL0PICIDX) length++;
  if (parts & HAS_TID_OR_KEYIDX) length++;
  return length;
}
