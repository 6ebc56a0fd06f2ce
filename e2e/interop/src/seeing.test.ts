import { expect, it } from 'vitest';
import { Seeing } from './seeing.ts';
import { videos } from './videos.ts';

const [video] = videos as [(typeof videos)[number]];
const [keyframe, interFrame] = video.frames.map((frame) => Buffer.from(frame, 'base64')) as [Buffer, Buffer];
/** S, X; I with 15 bits, L, T. */
const DESCRIPTOR = Buffer.from('90e0812307a0', 'hex');
const first = (frame: Buffer, length = frame.length) => Buffer.concat([DESCRIPTOR, frame.subarray(0, length)]);

it('counts pictures by the width of the last key frame, once they are complete', () => {
  const seeing = new Seeing();
  seeing.receivePayload('1', first(keyframe, 20), false);
  expect(seeing.pictures('1', video.width)).toBe(0);
  seeing.receivePayload('1', Buffer.concat([Buffer.of(0), keyframe.subarray(20)]), true);
  seeing.receivePayload('1', first(interFrame), true);
  expect(seeing.pictures('1', video.width)).toBe(2);
  expect(seeing.elsewhere('2', video.width)).toBe(2);
});

it('counts nothing before a key frame', () => {
  const seeing = new Seeing();
  seeing.receivePayload('1', first(interFrame), true);
  expect(JSON.stringify(seeing)).toBe('{}');
});
