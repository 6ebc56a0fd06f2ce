import { expect, it } from 'vitest';
import { ALL_LAYERS } from '../src/codecs/layers.ts';
import { emptyPayloadDescriptor } from '../src/codecs/payload-descriptor.ts';
import { readVp8 } from '../src/codecs/vp8.ts';
import { RTP_HEADER_SIZE, writeRtpHeader } from '../src/rtp/header.ts';
import { LevelRelay } from './level-relay.ts';
import type { CapturedPacket } from './video-capture.ts';

const LOW = 1;
const HIGH = 2;

interface Frame {
  readonly ssrc: number;
  readonly sequenceNumber: number;
  readonly pictureId: number;
  readonly temporalLevel0Index: number;
  readonly isKeyframe?: boolean;
}

/** A frame of VP8 in one packet, with a picture id of 15 bits. */
function frameOf({ ssrc, sequenceNumber, pictureId, temporalLevel0Index, isKeyframe = false }: Frame): CapturedPacket {
  const packet = Buffer.alloc(RTP_HEADER_SIZE + 40);
  const timestamp = ssrc * 1_000_000 + sequenceNumber * 3_000;
  writeRtpHeader(packet, 0, { marker: true, payloadType: 96, sequenceNumber, timestamp, ssrc });
  const id = [0x80 | (pictureId >> 8), pictureId & 0xff];
  packet.set([0x90, 0xe0, ...id, temporalLevel0Index, 0x00, isKeyframe ? 0x00 : 0x01], RTP_HEADER_SIZE);
  const arrivedMs = sequenceNumber * 33;
  return { packet, arrivedMs, ssrc, mimeType: 'video/VP8', start: RTP_HEADER_SIZE, end: packet.length };
}

it('PictureID and TL0PICIDX of VP8 count on over their wraps and a switch, after which the rest of the old encoding is dropped', () => {
  const low = [
    { ssrc: LOW, sequenceNumber: 10, pictureId: 32_766, temporalLevel0Index: 254, isKeyframe: true },
    { ssrc: LOW, sequenceNumber: 11, pictureId: 32_767, temporalLevel0Index: 255 },
    { ssrc: LOW, sequenceNumber: 13, pictureId: 0, temporalLevel0Index: 0 },
  ].map(frameOf);
  const late = frameOf({ ssrc: LOW, sequenceNumber: 12, pictureId: 32_767, temporalLevel0Index: 255 });
  const high = [
    { ssrc: HIGH, sequenceNumber: 20, pictureId: 5, temporalLevel0Index: 17, isKeyframe: true },
    { ssrc: HIGH, sequenceNumber: 21, pictureId: 6, temporalLevel0Index: 18 },
  ].map(frameOf);
  const relay = new LevelRelay({ rids: {}, frames: [], descriptorId: 0, packets: [...low, ...high] });

  relay.want(LOW, ALL_LAYERS);
  for (const packet of low) relay.receive(packet);
  relay.want(HIGH, ALL_LAYERS);
  relay.receive(high[0]!);
  relay.receive(late);
  relay.receive(high[1]!);

  const numbers = relay.sent.map(({ payload, source }) => {
    const descriptor = emptyPayloadDescriptor();
    readVp8(payload, 0, payload.length, descriptor);
    return [source.ssrc, descriptor.pictureId, descriptor.temporalLevel0Index];
  });
  expect(numbers).toEqual([
    [LOW, 32_766, 254],
    [LOW, 32_767, 255],
    [LOW, 0, 0],
    [HIGH, 1, 1],
    [HIGH, 2, 2],
  ]);
  expect(relay.sent.map(({ index }) => index - relay.sent[0]!.index)).toEqual([0, 1, 3, 4, 5]);
});
