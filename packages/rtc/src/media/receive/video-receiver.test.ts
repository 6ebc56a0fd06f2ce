import { beforeEach, describe, expect, it } from 'vitest';
import type { ReceivedTrack } from '../../call/negotiated-media.ts';
import { DropCounts, nonZeroDrops } from '../../inspect/drops.ts';
import { SenderClock } from '../../rtcp/sender-clock.ts';
import { writeRtpHeader } from '../../rtp/header.ts';
import { HeaderExtensionWriter } from '../../rtp/header-extensions.ts';
import { IncomingStream } from './incoming-stream.ts';
import type { IncomingTrack } from './incoming-track.ts';

const RID_ID = 10;
const REPAIRED_RID_ID = 11;
const VP8 = 96;
const RTX = 97;
/** A descriptor without extension, the start of a key frame's first partition, and one byte more. */
const KEYFRAME = [0x10, 0x00, 0x01];

interface Sent {
  readonly ssrc: number;
  readonly sequenceNumber: number;
  readonly payloadType?: number;
  readonly rid?: string;
  readonly payload?: readonly number[];
  /** Bytes of padding behind the payload. */
  readonly padding?: number;
}

function packetOf({ ssrc, sequenceNumber, payloadType = VP8, rid, payload = KEYFRAME, padding = 0 }: Sent): Buffer {
  const packet = Buffer.alloc(300);
  let end = writeRtpHeader(packet, 0, { marker: true, payloadType, sequenceNumber, timestamp: 3_000, ssrc });
  if (rid !== undefined) {
    const extensions = new HeaderExtensionWriter();
    extensions.begin(packet, 0);
    extensions.writeBytes(payloadType === RTX ? REPAIRED_RID_ID : RID_ID, Buffer.from(rid));
    end = extensions.end();
  }
  packet.set(payload, end);
  end += payload.length + padding;
  if (padding > 0) {
    packet[0]! |= 0x20;
    packet[end - 1] = padding;
  }
  return packet.subarray(0, end);
}

describe('a section of video', () => {
  let drops: DropCounts;
  let stream: IncomingStream;
  /** Encoding and number of each packet that was forwarded. */
  let forwarded: string[];

  beforeEach(() => {
    drops = new DropCounts();
    forwarded = [];
  });

  function receiveOn(rids: readonly string[]): (sent: Sent) => void {
    const codec = {
      payloadType: VP8,
      rtxPayloadType: RTX,
      mimeType: 'video/VP8',
      clockRate: 90_000,
      parameters: '',
      feedback: ['nack', 'nack pli'],
    };
    const received: ReceivedTrack = {
      mid: '1',
      kind: 'video',
      isAnnounced: true,
      streamId: 'stream',
      trackId: 'track',
      rids,
      ssrcs: [],
      rtxSsrcs: new Map(),
      codec,
      codecs: [codec],
      extensions: [
        { uri: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', id: RID_ID },
        { uri: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id', id: REPAIRED_RID_ID },
      ],
    };
    const options = { senderClock: new SenderClock(), drops, nackBufferSize: 256 };
    stream = new IncomingStream(received, options, { onCodec() {}, onMalformed() {}, onStarted() {}, onDeadline() {} });
    const track: Pick<IncomingTrack, 'forward' | 'fedFrom' | 'levelRestarted'> = {
      forward: (_packet, _start, { number, video }) => forwarded.push(`${video?.level.rid}${number}`),
      fedFrom() {},
      levelRestarted() {},
    };
    stream.feed(track as IncomingTrack);
    return (sent) => stream.receive(packetOf(sent), 0, 0);
  }

  it('sorts its encodings from small to large, in whatever order they were offered', () => {
    receiveOn(['h', 'l']);
    expect(stream.levels.map(({ rid }) => rid)).toEqual(['l', 'h']);
    receiveOn(['f', 'q', 'h']);
    expect(stream.levels.map(({ rid }) => rid)).toEqual(['q', 'h', 'f']);
  });

  it('remembers the encoding of a source that named it once', () => {
    const receive = receiveOn(['l', 'h']);
    receive({ ssrc: 1, sequenceNumber: 10, rid: 'l' });
    receive({ ssrc: 2, sequenceNumber: 70, rid: 'h' });
    receive({ ssrc: 1, sequenceNumber: 11 });
    receive({ ssrc: 2, sequenceNumber: 71 });
    expect(forwarded).toEqual(['l10', 'h70', 'l11', 'h71']);
  });

  it('keeps the newest sources of a sender that restarts all the time', () => {
    const receive = receiveOn(['l', 'h']);
    for (let ssrc = 1; ssrc <= 33; ssrc++) receive({ ssrc, sequenceNumber: 1, rid: ssrc % 2 === 0 ? 'l' : 'h' });
    forwarded.length = 0;
    receive({ ssrc: 32, sequenceNumber: 2 });
    receive({ ssrc: 33, sequenceNumber: 2 });
    expect(forwarded).toEqual(['l2', 'h2']);
  });

  it('counts sources that name no encoding, or none of the section', () => {
    const receive = receiveOn(['l', 'h']);
    receive({ ssrc: 1, sequenceNumber: 10 });
    receive({ ssrc: 2, sequenceNumber: 10, rid: 'x' });
    expect(nonZeroDrops(drops)).toEqual({ rtp_unknown_ssrc: 2 });
  });

  it('restores retransmissions to their place, once', () => {
    const receive = receiveOn(['l', 'h']);
    receive({ ssrc: 1, sequenceNumber: 10, rid: 'l' });
    receive({ ssrc: 1, sequenceNumber: 12 });
    const repair: Sent = { ssrc: 3, sequenceNumber: 500, payloadType: RTX, rid: 'l', payload: [0, 11, ...KEYFRAME] };
    receive(repair);
    receive({ ...repair, sequenceNumber: 501 });
    expect(forwarded).toEqual(['l10', 'l12', 'l11']);
    expect(nonZeroDrops(drops)).toEqual({ rtp_repeated: 1 });
  });

  it('leaves no gap for padding, other formats, and malformed payloads', () => {
    const receive = receiveOn([]);
    receive({ ssrc: 1, sequenceNumber: 10 });
    receive({ ssrc: 1, sequenceNumber: 11, payload: [], padding: 255 });
    receive({ ssrc: 1, sequenceNumber: 12, payloadType: 100 });
    receive({ ssrc: 1, sequenceNumber: 13, payload: [0x90, 0x80] });
    receive({ ssrc: 1, sequenceNumber: 14 });
    expect(forwarded).toEqual(['10', '11']);
    expect(nonZeroDrops(drops)).toEqual({ rtp_wrong_payload_type: 1, rtp_malformed: 1 });
  });

  it('does not return to an earlier source', () => {
    const receive = receiveOn([]);
    receive({ ssrc: 1, sequenceNumber: 10 });
    receive({ ssrc: 2, sequenceNumber: 20 });
    receive({ ssrc: 1, sequenceNumber: 11 });
    expect(forwarded).toEqual(['10', '20']);
    expect(nonZeroDrops(drops)).toEqual({ rtp_unused_stream: 1 });
  });
});
