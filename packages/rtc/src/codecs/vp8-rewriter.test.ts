import { beforeEach, describe, expect, it } from 'vitest';
import { emptyPayloadDescriptor, type PayloadDescriptor } from './payload-descriptor.ts';
import { readVp8 } from './vp8.ts';
import { Vp8Rewriter } from './vp8-rewriter.ts';

let rewriter: Vp8Rewriter;
beforeEach(() => {
  rewriter = new Vp8Rewriter();
});

const id15 = (pictureId: number): number[] => [0x80 | (pictureId >> 8), pictureId & 0xff];
const long = (pictureId: number, level: number): number[] => [0x90, 0xe0, ...id15(pictureId), level, 0x20, 0x01];
const short = (pictureId: number): number[] => [0x90, 0x80, pictureId, 0x01];
const bare = [0x10, 0x01];

function read(payload: Buffer): PayloadDescriptor {
  const descriptor = emptyPayloadDescriptor();
  expect(readVp8(payload, 0, payload.length, descriptor)).toBe(true);
  return descriptor;
}

/** The picture id and TL0PICIDX with which a payload is sent. */
function send(bytes: readonly number[]): [number, number] {
  const payload = Buffer.from(bytes);
  const descriptor = read(payload);
  const out = Buffer.alloc(16, 0xff);
  const end = rewriter.rewrite(out, 3, payload, 0, descriptor);
  const sent = read(Buffer.concat([out.subarray(3, end), payload.subarray(descriptor.length)]));
  expect(sent).toEqual({ ...descriptor, pictureId: sent.pictureId, temporalLevel0Index: sent.temporalLevel0Index });
  return [sent.pictureId, sent.temporalLevel0Index];
}

const skip = (bytes: readonly number[]): void => rewriter.skip(read(Buffer.from(bytes)));

describe('Vp8Rewriter', () => {
  it('continues over a switch, and over the wraps of both numbers', () => {
    expect(send(long(32766, 254))).toEqual([32766, 254]);
    expect(send(long(32767, 255))).toEqual([32767, 255]);
    expect(send(long(0, 0))).toEqual([0, 0]);
    rewriter.switchSource();
    expect(send(long(5, 17))).toEqual([1, 1]);
    expect(send(long(6, 17))).toEqual([2, 1]);
    expect(send(long(5, 17))).toEqual([1, 1]);
    rewriter.switchSource();
    expect(send(long(32767, 255))).toEqual([3, 2]);
    expect(send(long(0, 0))).toEqual([4, 3]);
  });

  it('keeps the short form', () => {
    expect(send(short(127))).toEqual([127, -1]);
    expect(send(short(0))).toEqual([0, -1]);
    rewriter.switchSource();
    expect(send(short(77))).toEqual([1, -1]);
    rewriter.switchSource();
    expect(send(long(32767, 9))).toEqual([2, 9]);
    rewriter.switchSource();
    expect(send(short(50))).toEqual([3, -1]);
    rewriter.switchSource();
    expect(send(long(1, 200))).toEqual([4, 10]);
  });

  it('leaves unnumbered fields of a source alone, and continues after them', () => {
    send(long(300, 7));
    rewriter.switchSource();
    expect(send(bare)).toEqual([-1, -1]);
    rewriter.switchSource();
    expect(send(long(9, 100))).toEqual([301, 8]);
  });

  it('closes the gaps in picture ids after frames that are left out, for late packets too', () => {
    send(long(32766, 1));
    skip(long(32767, 1));
    skip(long(32767, 1));
    expect(send(long(0, 2))).toEqual([32767, 2]);
    skip(long(1, 2));
    expect(send(long(3, 3))).toEqual([1, 3]);
    expect(send(long(2, 2))).toEqual([0, 2]);
    expect(send(long(32766, 1))).toEqual([32766, 1]);
    rewriter.switchSource();
    expect(send(long(40, 4))).toEqual([2, 4]);
  });
});
