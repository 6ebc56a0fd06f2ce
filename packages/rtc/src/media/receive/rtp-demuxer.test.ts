import { describe, expect, it } from 'vitest';
import type { ReceivedTrack } from '../../call/negotiated-media.ts';
import { DropCounts } from '../../inspect/drops.ts';
import { SenderClock } from '../../rtcp/sender-clock.ts';
import { writeRtpHeader } from '../../rtp/header.ts';
import { HeaderExtensionWriter } from '../../rtp/header-extensions.ts';
import { IncomingStream } from './incoming-stream.ts';
import { RtpDemuxer } from './rtp-demuxer.ts';

const MID_ID = 4;

const options = { senderClock: new SenderClock(), drops: new DropCounts(), nackBufferSize: 256 };

function streamOf(
  mid: string,
  { ssrcs = [] as number[], rtxSsrc = 0, payloadType = 111, rtxPayloadType = 0, midId = MID_ID } = {},
): IncomingStream {
  const codec = {
    payloadType,
    mimeType: 'audio/opus',
    clockRate: 48_000,
    channels: 2,
    parameters: '',
    feedback: [],
    ...(rtxPayloadType > 0 && { rtxPayloadType }),
  };
  const received: ReceivedTrack = {
    mid,
    kind: 'audio',
    isAnnounced: true,
    streamId: 'stream',
    trackId: 'track',
    rids: [],
    ssrcs,
    rtxSsrcs: new Map(rtxSsrc > 0 ? [[ssrcs[0]!, rtxSsrc]] : []),
    codec,
    codecs: [codec],
    extensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: midId }],
  };
  return new IncomingStream(received, options, { onCodec() {}, onMalformed() {}, onStarted() {}, onDeadline() {} });
}

function packetOf(ssrc: number, { mid = '', payloadType = 111 } = {}): Buffer {
  const packet = Buffer.alloc(64);
  writeRtpHeader(packet, 0, { marker: false, payloadType, sequenceNumber: 0, timestamp: 0, ssrc });
  const extensions = new HeaderExtensionWriter();
  extensions.begin(packet, 0);
  if (mid !== '') extensions.writeBytes(MID_ID, Buffer.from(mid));
  return packet.subarray(0, extensions.end() + 10);
}

function demuxerOf(...streams: IncomingStream[]): RtpDemuxer {
  const demuxer = new RtpDemuxer();
  demuxer.sync(streams);
  return demuxer;
}

describe('RtpDemuxer', () => {
  it('prefers the mid of a packet to an announced source, from then on', () => {
    const [first, second] = [streamOf('1', { ssrcs: [10] }), streamOf('2', { ssrcs: [20] })];
    const demuxer = demuxerOf(first, second);
    expect(demuxer.find(packetOf(10))).toBe(first);
    expect(demuxer.find(packetOf(10, { mid: '2' }))).toBe(second);
    expect(demuxer.find(packetOf(10))).toBe(second);
  });

  it('finds retransmissions by their announced source, their mid, or their payload type', () => {
    const numbers = { payloadType: 96, rtxPayloadType: 97 };
    const announced = streamOf('1', { ssrcs: [10], rtxSsrc: 11, ...numbers });
    const named = streamOf('2', numbers);
    const demuxer = demuxerOf(announced, named);
    expect(demuxer.find(packetOf(11, { payloadType: 97 }))).toBe(announced);
    expect(demuxer.find(packetOf(21, { payloadType: 97, mid: '2' }))).toBe(named);
    expect(demuxer.find(packetOf(21, { payloadType: 97 }))).toBe(named);
    expect(demuxer.find(packetOf(31, { payloadType: 97 }))).toBe(named);
  });

  it('keeps the sources of three encodings and of their retransmissions', () => {
    const stream = streamOf('1', { payloadType: 96, rtxPayloadType: 97 });
    const demuxer = demuxerOf(stream, streamOf('2', { payloadType: 96, rtxPayloadType: 97 }));
    const sources = [1, 2, 3, 4, 5, 6];
    for (const ssrc of sources) demuxer.find(packetOf(ssrc, { payloadType: 96, mid: '1' }));
    for (const ssrc of sources) expect(demuxer.find(packetOf(ssrc, { payloadType: 96 }))).toBe(stream);
  });

  it('does not confuse a mid with another that begins like it', () => {
    const demuxer = demuxerOf(streamOf('1'), streamOf('10'));
    expect(demuxer.find(packetOf(5, { mid: '10' }))?.mid).toBe('10');
    expect(demuxer.find(packetOf(6, { mid: '1' }))?.mid).toBe('1');
    expect(demuxer.find(packetOf(7, { mid: '100' }))).toBeUndefined();
    expect(demuxer.strays).toBe(1);
  });

  it('assigns an unknown source to the one section that announced none', () => {
    const [announced, other] = [streamOf('1', { ssrcs: [10] }), streamOf('2')];
    const demuxer = demuxerOf(announced, other);
    expect(demuxer.find(packetOf(5))).toBe(other);
  });

  it('learns no source from a packet of another format, such as a retransmission', () => {
    const stream = streamOf('1');
    const demuxer = demuxerOf(stream);
    expect(demuxer.find(packetOf(5, { mid: '1', payloadType: 97 }))).toBeUndefined();
    expect(demuxer.find(packetOf(5, { payloadType: 97 }))).toBeUndefined();
    expect(demuxer.strays).toBe(2);
  });

  it('remembers the last 16 sources of a section that were found by mid', () => {
    const stream = streamOf('1');
    const demuxer = demuxerOf(stream, streamOf('2'));
    for (let ssrc = 1; ssrc <= 1_000; ssrc++) demuxer.find(packetOf(ssrc, { mid: '1' }));
    const remembered = Array.from({ length: 1_000 }, (_, at) => at + 1).filter((ssrc) => demuxer.find(packetOf(ssrc)));
    expect(remembered).toEqual(Array.from({ length: 16 }, (_, i) => 985 + i));
  });

  it('keeps what it learned over negotiations, until another section announces it or its own ends', () => {
    const [first, second] = [streamOf('1'), streamOf('2')];
    const demuxer = demuxerOf(first, second);
    demuxer.find(packetOf(5, { mid: '1' }));
    demuxer.find(packetOf(6, { mid: '1' }));
    demuxer.find(packetOf(7, { mid: '2' }));
    const announcing = streamOf('3', { ssrcs: [5] });
    demuxer.sync([first, announcing, streamOf('4')]);
    expect(demuxer.find(packetOf(5))).toBe(announcing);
    expect(demuxer.find(packetOf(6))).toBe(first);
    expect(demuxer.find(packetOf(7))).toBeUndefined();
  });

  it('assigns no packet of an ended stream to another one, until its mid names that one', () => {
    const numbers = { payloadType: 96, rtxPayloadType: 97 };
    const [ended, other] = [streamOf('1', numbers), streamOf('2', { ssrcs: [20], rtxSsrc: 21, ...numbers })];
    const demuxer = demuxerOf(ended, other);
    demuxer.find(packetOf(10, { mid: '1', payloadType: 96 }));
    demuxer.find(packetOf(11, { mid: '1', payloadType: 97 }));
    demuxer.sync([other]);
    expect(demuxer.find(packetOf(10, { payloadType: 96 }))).toBeUndefined();
    expect(demuxer.find(packetOf(11, { payloadType: 97 }))).toBeUndefined();
    expect(demuxer.find(packetOf(12, { payloadType: 97 }))).toBe(other);
    expect(demuxer.find(packetOf(10, { mid: '2', payloadType: 96 }))).toBe(other);
    expect(demuxer.find(packetOf(10, { payloadType: 96 }))).toBe(other);
  });

  it('remembers the sources of a section that was stopped when it continues', () => {
    const other = streamOf('2', { ssrcs: [20] });
    const demuxer = demuxerOf(streamOf('1'), other);
    demuxer.find(packetOf(10, { mid: '1' }));
    demuxer.sync([other]);
    const again = streamOf('1');
    demuxer.sync([again, streamOf('3')]);
    expect(demuxer.find(packetOf(10))).toBe(again);
  });

  it('remembers the last 64 sources of streams that have ended', () => {
    const demuxer = demuxerOf();
    for (let ssrc = 1; ssrc <= 1_000; ssrc++) {
      demuxer.sync([streamOf(`${ssrc}`, { ssrcs: [ssrc] })]);
      demuxer.sync([]);
    }
    const other = streamOf('other');
    demuxer.sync([other]);
    const forgotten = Array.from({ length: 1_000 }, (_, at) => at + 1).filter((ssrc) => demuxer.find(packetOf(ssrc)));
    expect(forgotten).toHaveLength(1_000 - 64);
  });

  it('reads no mid from a packet whose extension is truncated', () => {
    const demuxer = demuxerOf(streamOf('1'), streamOf('2'));
    const packet = packetOf(5, { mid: '1' });
    for (let length = 12; length < 20; length++) expect(demuxer.find(packet.subarray(0, length))).toBeUndefined();
  });
});
