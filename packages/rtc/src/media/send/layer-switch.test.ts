import { beforeEach, describe, expect, it } from 'vitest';
import type { PublishedLevel, SourcePacket, SourceVideo } from '../../call/published-track.ts';
import { ALL_LAYERS } from '../../codecs/layers.ts';
import { emptyPayloadDescriptor } from '../../codecs/payload-descriptor.ts';
import { readVp8 } from '../../codecs/vp8.ts';
import { SenderClock, SourceClock } from '../../rtcp/sender-clock.ts';
import { PacketHistory } from '../../rtp/packet-history.ts';
import { SequenceRewriter } from '../../rtp/sequence-rewriter.ts';
import { LayerSwitch } from './layer-switch.ts';

const history = new PacketHistory(32);
const clock = new SourceClock(new SenderClock(), 90_000);

let asked: string[];
let rewriter: SequenceRewriter;
let layers: LayerSwitch;
let low: PublishedLevel;
let high: PublishedLevel;

const levelOf = (rid: string): PublishedLevel => ({
  rid,
  lastPacketMs: 0,
  rates: () => [],
  requestKeyframe: () => void asked.push(rid),
  cancelKeyframeRequest() {},
});

beforeEach(() => {
  asked = [];
  rewriter = new SequenceRewriter({ sequenceNumber: 0xfffe - 0x8000, timestamp: 1_000, clockRate: 90_000 });
  layers = new LayerSwitch(rewriter);
  low = levelOf('l');
  high = levelOf('h');
  layers.want(low);
});

interface Frame {
  readonly number: number;
  readonly timestamp: number;
  readonly pictureId: number;
  readonly temporalLevel0Index: number;
  readonly isKeyframe?: boolean;
}

/** Sends a frame of one packet. Returns its picture id, TL0PICIDX, and sequence number, or why it was not sent. */
function send(level: PublishedLevel, arrivedMs: number, frame: Frame): unknown {
  const { pictureId, temporalLevel0Index, number, timestamp, isKeyframe = false } = frame;
  const id = [0x80 | (pictureId >> 8), pictureId & 0xff];
  const bytes = Buffer.of(0x90, 0xe0, ...id, temporalLevel0Index, 0x00, isKeyframe ? 0x00 : 0x01);
  const payload = emptyPayloadDescriptor();
  readVp8(bytes, 0, bytes.length, payload);
  const video: SourceVideo = { level, history, payload };
  const fields = {
    marker: true,
    number,
    timestamp,
    audioLevel: -1,
    payloadType: 96,
    redundantBytes: 0,
    payloadLength: bytes.length,
    arrivedMs,
  };
  const packet: SourcePacket = { ...fields, clock, video };
  const placement = layers.place(packet, video);
  if (placement !== 'placed') return placement;
  const out = Buffer.alloc(8);
  expect(layers.writePrefix(out, 1, bytes, 0, payload)).toBe(1 + payload.length);
  return [out.readUInt16BE(3) & 0x7fff, out.readUInt8(5), rewriter.sequenceNumber];
}

describe('LayerSwitch', () => {
  it('continues all numbers of VP8 over a switch and back, and drops earlier packets', () => {
    const first = 0xfffe - 0x8000;
    const ofLow = (at: number): Frame => ({
      number: 500 + at,
      timestamp: 9_000 + at * 3_000,
      pictureId: (32766 + at) % 0x8000,
      temporalLevel0Index: (254 + at) % 0x100,
      isKeyframe: at === 0 || at === 6,
    });
    const ofHigh = (at: number): Frame => ({
      number: 70 + at,
      timestamp: 4_000_000 + at * 3_000,
      pictureId: 5 + at,
      temporalLevel0Index: 17 + at,
      isKeyframe: at === 0,
    });
    expect(send(low, 0, ofLow(0))).toEqual([32766, 254, first]);
    expect(send(low, 33, ofLow(1))).toEqual([32767, 255, first + 1]);
    layers.want(high);
    expect(send(low, 66, ofLow(2))).toEqual([0, 0, first + 2]);
    expect(send(high, 67, ofHigh(0))).toEqual([1, 1, first + 3]);
    const switchedAt = rewriter.timestamp;
    expect(switchedAt).toBe(1_000 + 2 * 3_000 + 90);
    expect(send(low, 68, ofLow(3))).toBe('unwanted');
    expect(send(high, 100, ofHigh(1))).toEqual([2, 2, first + 4]);
    expect(rewriter.timestamp).toBe(switchedAt + 3_000);
    layers.want(low);
    expect(send(low, 133, ofLow(6))).toEqual([3, 3, first + 5]);
    expect(send(low, 134, ofLow(4))).toBe('late');
    expect(send(high, 135, ofHigh(2))).toBe('unwanted');
    expect(send(low, 166, ofLow(7))).toEqual([4, 4, first + 6]);
  });

  it('requests a key frame where only that can add the wanted layers', () => {
    const frame = { number: 1, timestamp: 0, pictureId: 1, temporalLevel0Index: 1 };
    layers.want(low, { ...ALL_LAYERS, spatialId: 0 });
    send(low, 0, { ...frame, isKeyframe: true });
    asked = [];
    layers.want(low, { ...ALL_LAYERS, spatialId: 1 });
    expect(asked).toEqual(['l']);
    layers.want(low, { spatialId: 0, temporalId: 0 });
    layers.want(low, { spatialId: 0, temporalId: 1 });
    expect(asked).toEqual(['l']);
  });
});
