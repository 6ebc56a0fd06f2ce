import { decodeSessionDescription, encodeScreenOn, RtcMessageType, type SessionDescription } from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_DEPENDENCY_DESCRIPTOR_BYTES } from '../src/codecs/payload-descriptor.ts';
import { visitRtcp } from '../src/rtcp/compound.ts';
import { writeNack } from '../src/rtcp/feedback.ts';
import {
  markerOf,
  paddingLengthOf,
  RTP_HEADER_SIZE,
  sequenceNumberOf,
  ssrcOf,
  timestampOf,
  writeRtpHeader,
} from '../src/rtp/header.ts';
import {
  findHeaderExtension,
  HeaderExtensionWriter,
  headerExtensionLength,
  MAX_ONE_BYTE_LENGTH,
} from '../src/rtp/header-extensions.ts';
import { type Participant, SimulatedCall, type VideoCodecName } from '../src/testing/index.ts';
import { SentPackets } from './sent-packets.ts';
import { type CapturedPacket, readCapture, withScrambledPayloads } from './video-capture.ts';

const DESCRIPTOR_ID = 13;
const DESCRIPTOR_LINE = `a=extmap:${DESCRIPTOR_ID} https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension`;

let call: SimulatedCall;
/** RTP packets of the SFU, before they are encrypted. */
let sent: Buffer[];
/** The SFU's last description to each session. */
let lastSdp: Map<string, string>;

beforeEach(async () => {
  lastSdp = new Map();
  sent = [];
  const { createPlane } = new SentPackets((packet) => sent.push(packet));
  call = await SimulatedCall.start({ delayMs: 10, createPlane });
  call.sfu.on('message', ({ type, sessionID, data }) => {
    if (type === RtcMessageType.SDP) lastSdp.set(sessionID, decodeSessionDescription(data).sdp);
  });
});
afterEach(() => call.close());

/** Offers the dependency descriptor, as Chromium does. */
const withDescriptor = ({ type, sdp }: SessionDescription): SessionDescription => ({
  type,
  sdp: type === 'offer' ? sdp.replaceAll('a=extmap-allow-mixed', `a=extmap-allow-mixed\r\n${DESCRIPTOR_LINE}`) : sdp,
});

async function share(codecs: readonly VideoCodecName[]) {
  const sender = await call.join('sender', { voice: false, av1Support: true, tamper: withDescriptor });
  call.sfu.receive({
    ...{ groupID: 'group', callID: 'call', userID: '', sessionID: 'sender' },
    ...{ type: RtcMessageType.ScreenOn, data: encodeScreenOn({ screenStreamID: 'screen' }) },
  });
  const track = sender.publishVideo({ streamId: 'screen', codecs });
  call.time.runFor(500);
  return { sender, track };
}

const listen = (name: string) => call.join(name, { voice: false, av1Support: true });
const packetsAt = (listener: Participant) => listener.receivedVideo('sender', 'screen')?.packets ?? 0;

/**
 * A packet of a capture with its dependency descriptor, under a participant's SSRC and payload type. One that needs the two-byte form is
 * padded with zeros to `longDescriptorBytes`.
 */
function packetFor(
  ssrc: number,
  payloadType: number,
  { packet, start, end }: CapturedPacket,
  longDescriptorBytes = 0,
): Buffer {
  const out = Buffer.alloc(packet.length + 32 + longDescriptorBytes);
  const fields = { marker: markerOf(packet), sequenceNumber: sequenceNumberOf(packet), timestamp: timestampOf(packet) };
  writeRtpHeader(out, 0, { ...fields, payloadType, ssrc });
  const at = findHeaderExtension(packet, DESCRIPTOR_ID);
  const extensions = new HeaderExtensionWriter();
  extensions.begin(out, 0);
  if (at >= 0) {
    const descriptor = packet.subarray(at, at + headerExtensionLength(packet, at));
    const padding = descriptor.length > MAX_ONE_BYTE_LENGTH ? Math.max(0, longDescriptorBytes - descriptor.length) : 0;
    extensions.writeBytes(DESCRIPTOR_ID, Buffer.concat([descriptor, Buffer.alloc(padding)]));
  }
  const headerLength = extensions.end();
  packet.copy(out, headerLength, start, end);
  return out.subarray(0, headerLength + end - start);
}

describe('the dependency descriptor', () => {
  it.each([[['AV1', 'H264']], [['VP9']], [['VP8']]] as const)(
    'is answered to a sender with %j, and offered to receivers',
    async (codecs) => {
      await share(codecs);
      expect(lastSdp.get('sender')).toContain(DESCRIPTOR_LINE);
      await listen('listener');
      call.time.runFor(1_000);
      expect(lastSdp.get('listener')).toContain('m=video');
      expect(lastSdp.get('listener')).toContain(DESCRIPTOR_LINE);
    },
  );

  it('is not answered to a sender that does not take headers in both forms', async () => {
    const sender = await call.join('sender', {
      ...{ voice: false, av1Support: true },
      tamper: ({ type, sdp }) => ({ type, sdp: sdp.replaceAll('a=extmap-allow-mixed', DESCRIPTOR_LINE) }),
    });
    sender.publishVideo({ streamId: 'screen', codecs: ['AV1'] });
    call.time.runFor(500);
    expect(lastSdp.get('sender')).toContain('m=video');
    expect(lastSdp.get('sender')).not.toContain(DESCRIPTOR_LINE);
  });

  it('may be of 40 bytes in two-byte form on key frames and of 3 in one-byte form between: a late joiner asks, and gets the next key frame first', async () => {
    const capture = readCapture('chromium-av1-l1t3');
    const keyframes = new Set(capture.frames.filter(({ isKeyframe }) => isKeyframe).map(({ timestamp }) => timestamp));
    const packets = capture.packets.filter(({ packet, start, end }) => end > start && paddingLengthOf(packet) === 0);
    const lastKeyframe = packets.findLast(({ packet }) => keyframes.has(timestampOf(packet)))!;
    const next = packets.findIndex(({ packet }) => timestampOf(packet) === timestampOf(lastKeyframe.packet));
    const { sender, track } = await share(['AV1']);
    const asked: number[] = [];
    sender.on('rtcp', (compound) => visitRtcp(compound, { onPictureLoss: (ssrc) => asked.push(ssrc) }, 0));
    const listener = await listen('listener');
    call.time.runFor(1_000);
    const forms = new Set<string>();
    let late: Participant | undefined;
    for (const [at, captured] of packets.entries()) {
      if (at === next - 10) {
        asked.length = 0;
        late = await listen('late');
        // A sender is asked once a second at most.
        call.time.runFor(1_000);
      }
      if (at === next) {
        expect(asked).toContain(track.ssrc);
        expect(packetsAt(late!)).toBe(0);
      }
      const packet = packetFor(track.ssrc, 45, captured, 40);
      const descriptor = findHeaderExtension(packet, DESCRIPTOR_ID);
      const profile = packet.readUInt16BE(RTP_HEADER_SIZE).toString(16);
      forms.add(`${profile} ${headerExtensionLength(packet, descriptor)}`);
      sender.sendRawRtp(packet);
      call.time.runFor(20);
    }
    call.time.runFor(500);
    expect([...forms].toSorted()).toEqual(['1000 40', 'bede 3']);
    expect(packetsAt(listener)).toBe(packets.length);
    expect(packetsAt(late!)).toBe(packets.length - next);
    expect(call.sfu.stats().drops.rtp_malformed).toBe(0);
  });
});

/** The dependency descriptor of a packet without its frame number, in hex; undefined if it has none. */
function dependenciesOf(packet: Buffer): string | undefined {
  const at = findHeaderExtension(packet, DESCRIPTOR_ID);
  if (at < 0) return undefined;
  const descriptor = packet.subarray(at, at + headerExtensionLength(packet, at));
  return `${descriptor.toString('hex', 0, 1)} ${descriptor.toString('hex', 3)}`;
}

describe('a receiver', () => {
  it('gets the dependency descriptor of each packet, also when it is sent again', async () => {
    const { packets } = readCapture('chromium-av1-l1t3');
    const media = packets.filter(({ packet, start, end }) => end > start && paddingLengthOf(packet) === 0).slice(0, 60);
    const { sender, track } = await share(['AV1']);
    const listener = await listen('listener');
    call.time.runFor(1_000);
    sent.length = 0;
    for (const captured of media) {
      sender.sendRawRtp(packetFor(track.ssrc, 45, captured, MAX_DEPENDENCY_DESCRIPTOR_BYTES));
      call.time.runFor(20);
    }
    const expected = media.map((captured) =>
      dependenciesOf(packetFor(1, 45, captured, MAX_DEPENDENCY_DESCRIPTOR_BYTES)),
    );
    const first = sent.splice(0);
    expect(first.map(dependenciesOf)).toEqual(expected);
    expect(expected[0]).toHaveLength(2 + 1 + 2 * (MAX_DEPENDENCY_DESCRIPTOR_BYTES - 3));

    for (const packet of first.slice(-20)) {
      const nack = Buffer.alloc(32);
      listener.sendRawRtcp(nack.subarray(0, writeNack(nack, 0, 1, ssrcOf(packet), [sequenceNumberOf(packet)])));
    }
    call.time.runFor(100);
    const again = sent.filter((packet) => ssrcOf(packet) !== ssrcOf(first[0]!));
    expect(again.map(dependenciesOf)).toEqual(expected.slice(-20));
  });

  it('that did not negotiate it gets none', async () => {
    const [captured] = readCapture('chromium-av1-l1t3').packets;
    const { sender, track } = await share(['AV1']);
    await call.join('listener', {
      ...{ voice: false, av1Support: true },
      tamper: ({ type, sdp }) => ({ type, sdp: sdp.replaceAll(`${DESCRIPTOR_LINE}\r\n`, '') }),
    });
    call.time.runFor(1_000);
    sent.length = 0;
    sender.sendRawRtp(packetFor(track.ssrc, 45, captured!));
    call.time.runFor(100);
    expect(sent.map(dependenciesOf)).toEqual([undefined]);
  });
});

describe('a dependency descriptor that is longer than what is passed on', () => {
  it('is left out and counted, and its packet is forwarded', async () => {
    const [captured] = readCapture('chromium-av1-l1t3').packets;
    const { sender, track } = await share(['AV1']);
    await listen('listener');
    call.time.runFor(1_000);
    sent.length = 0;
    sender.sendRawRtp(packetFor(track.ssrc, 45, captured!, MAX_DEPENDENCY_DESCRIPTOR_BYTES + 1));
    call.time.runFor(100);
    expect(sent.map(dependenciesOf)).toEqual([undefined]);
    expect(call.sfu.stats().drops.rtp_descriptor_left_out).toBe(1);
  });
});

describe('video that is encrypted end to end', () => {
  it('may change its codec within a section', async () => {
    const { sender, track } = await share(['VP8', 'AV1']);
    const listener = await listen('listener');
    call.time.runFor(1_000);
    let sequenceNumber = 1_000;
    let expected = 0;
    for (const [name, payloadType] of [
      ['chromium-av1-l1t3', 45],
      ['chromium-vp8-l1t3', 96],
      ['chromium-av1-l1t3', 45],
    ] as const) {
      for (const captured of readCapture(name).packets) {
        if (captured.end === captured.start || paddingLengthOf(captured.packet) > 0) continue;
        // No payload begins a key frame: neither by N of AV1 nor by P of VP8.
        const encrypted = Buffer.from(captured.packet).fill(0xf7, captured.start);
        const packet = packetFor(track.ssrc, payloadType, { ...captured, packet: encrypted });
        packet.writeUInt16BE(sequenceNumber++, 2);
        sender.sendRawRtp(packet);
        expected++;
        call.time.runFor(20);
      }
    }
    call.time.runFor(500);
    expect(packetsAt(listener)).toBe(expected);
    expect(call.sfu.stats().drops).toMatchObject({ rtp_other_codec: 0, rtp_malformed: 0 });
  });

  it.each([
    ['AV1', 'chromium-av1-l1t3', 45],
    ['VP9', 'chromium-vp9-l3t3-key', 98],
  ] as const)(
    'is forwarded in %s, from a key frame on, by the dependency descriptor alone',
    async (codec, name, payloadType) => {
      const capture = withScrambledPayloads(readCapture(name));
      const packets = capture.packets.filter(({ packet, start, end }) => end > start && paddingLengthOf(packet) === 0);
      const keyframes = new Set(
        capture.frames.filter(({ isKeyframe }) => isKeyframe).map(({ timestamp }) => timestamp),
      );
      const lastKeyframe = packets.findLast(({ packet }) => keyframes.has(timestampOf(packet)))!;
      const next = packets.findIndex(({ packet }) => timestampOf(packet) === timestampOf(lastKeyframe.packet));
      const { sender, track } = await share([codec]);
      const listener = await listen('listener');
      call.time.runFor(1_000);
      const middle = next - 10;
      let late: Participant | undefined;
      for (const [at, captured] of packets.entries()) {
        if (at === middle) late = await listen('late');
        sender.sendRawRtp(packetFor(track.ssrc, payloadType, captured));
        call.time.runFor(20);
      }
      call.time.runFor(500);
      expect(packetsAt(listener)).toBe(packets.length);
      expect(packetsAt(late!)).toBe(packets.length - next);
      expect(call.sfu.stats().drops.rtp_malformed).toBe(0);
    },
  );
});
