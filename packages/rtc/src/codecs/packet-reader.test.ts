import { expect, it } from 'vitest';
import { writeRtpHeader } from '../rtp/header.ts';
import { HeaderExtensionWriter } from '../rtp/header-extensions.ts';
import { PacketReader } from './packet-reader.ts';
import { emptyPayloadDescriptor } from './payload-descriptor.ts';

const ID = 13;
/** VP8: the start of a frame whose P bit is clear. */
const KEYFRAME = Buffer.from('1000', 'hex');

/** Returns whether VP8 that looks like a key frame is taken for one beside a dependency descriptor. */
function startsKeyframe(descriptor: string): boolean {
  const packet = Buffer.alloc(64);
  writeRtpHeader(packet, 0, { marker: false, payloadType: 96, sequenceNumber: 0, timestamp: 0, ssrc: 0 });
  const extensions = new HeaderExtensionWriter();
  extensions.begin(packet, 0);
  if (descriptor !== '') extensions.writeBytes(ID, Buffer.from(descriptor, 'hex'));
  const start = extensions.end();
  KEYFRAME.copy(packet, start);
  const into = emptyPayloadDescriptor();
  expect(new PacketReader('video/VP8', ID).read(packet, start, start + KEYFRAME.length, into)).toBe(true);
  return into.startsKeyframe;
}

it.each([
  ['without a dependency descriptor', '', true],
  ['with a structure that cannot be read', 'c0000180', true],
  ['that refers to a structure that never arrived', 'c00001', false],
  ['that refers to one, in the longer form', 'c0000110', false],
])('VP8 that looks like a key frame, %s', (_, descriptor, expected) => {
  expect(startsKeyframe(descriptor)).toBe(expected);
});
