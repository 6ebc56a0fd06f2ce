import { decodeSessionDescription, RtcMessageType, type SessionDescription } from '@rtcd/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { markerOf, timestampOf } from '../src/rtp/header.ts';
import type { Codec } from '../src/sdp/description.ts';
import { SimulatedCall } from '../src/testing/index.ts';
import { RawVoice } from './raw-voice.ts';
import { type CapturedPacket, readCapture } from './video-capture.ts';
import { type RelayedVoice, VoiceRelay } from './voice-relay.ts';

const OPUS: Codec = {
  ...{ payloadType: 111, mimeType: 'audio/opus', clockRate: 48_000, channels: 2, parameters: '', feedback: [] },
};
const RED: Codec = { ...OPUS, red: { payloadType: 63, isPreferred: true } };

function relay(
  codec: Codec,
  packets: readonly CapturedPacket[],
  ...receivers: Parameters<VoiceRelay['addReceiver']>[0][]
) {
  const voice = new VoiceRelay(codec);
  const sent = receivers.map((numbers) => voice.addReceiver(numbers));
  for (const { packet, arrivedMs } of packets) voice.receive(packet, arrivedMs);
  return sent;
}

const hasPayload = ({ start, end }: CapturedPacket) => end > start;
const payloadOf = ({ packet, start, end }: CapturedPacket) => packet.subarray(start, end);

const gapsIn = (packets: readonly RelayedVoice[]) =>
  packets.slice(1).map(({ sequenceNumber }, index) => (sequenceNumber - packets[index]!.sequenceNumber) & 0xffff);
const ticksIn = (timestamps: readonly number[]) =>
  timestamps.slice(1).map((timestamp, index) => (timestamp - timestamps[index]!) >>> 0);

describe('genuine voice with discontinuous transmission', () => {
  const { packets } = readCapture('chromium-opus-dtx');

  it('arrives with the pauses of its sender', () => {
    const voice = packets.filter(hasPayload);
    const [sent = []] = relay(OPUS, packets, { payloadType: 109 });
    expect(sent.map(({ payload }) => payload)).toEqual(voice.map(payloadOf));
    expect(sent.map(({ marker }) => marker)).toEqual(voice.map(({ packet }) => markerOf(packet)));
    expect(ticksIn(sent.map(({ timestamp }) => timestamp))).toEqual(
      ticksIn(voice.map(({ packet }) => timestampOf(packet))),
    );
    expect(new Set(gapsIn(sent))).toEqual(new Set([1]));
    // Comfort noise is one packet each 400 ms.
    expect(ticksIn(sent.map(({ timestamp }) => timestamp))).toContain(19_200);
  });
});

describe('genuine redundant voice', () => {
  const { packets } = readCapture('chromium-opus-red');
  const voice = packets.filter(hasPayload);

  it('arrives unchanged if the receiver accepts it', () => {
    const [sent = []] = relay(RED, packets, { payloadType: 111, redPayloadType: 64 });
    expect(sent.map(({ payload }) => payload)).toEqual(voice.map(payloadOf));
    expect(new Set(sent.map(({ payloadType }) => payloadType))).toEqual(new Set([64]));
    expect(new Set(gapsIn(sent))).toEqual(new Set([1]));
  });

  it.each([
    ['does not take it', { payloadType: 111 }],
    ['has another number for its blocks', { payloadType: 109, redPayloadType: 63 }],
  ])('arrives as plain voice if the receiver %s', (_, numbers) => {
    const [whole = [], plain = []] = relay(RED, packets, { payloadType: 111, redPayloadType: 63 }, numbers);
    expect(new Set(plain.map(({ payloadType }) => payloadType))).toEqual(new Set([numbers.payloadType]));
    expect(new Set(gapsIn(plain))).toEqual(new Set([1]));
    expect(ticksIn(plain.map(({ timestamp }) => timestamp))).toEqual(ticksIn(whole.map(({ timestamp }) => timestamp)));
    // Each packet ends with the primary encoding, and repeats the one before.
    for (const [index, { payload }] of plain.entries()) {
      expect(whole[index]!.payload.subarray(-payload.length)).toEqual(payload);
      if (index > 0) expect(whole[index]!.payload.length).toBe(5 + plain[index - 1]!.payload.length + payload.length);
    }
  });

  it('is dropped if it is malformed, and leaves no gap', () => {
    const cut = packets.map((packet, index) =>
      index % 5 === 4 ? { ...packet, packet: packet.packet.subarray(0, packet.start + 4) } : packet,
    );
    const [sent = []] = relay(RED, cut, { payloadType: 111 });
    expect(sent.length).toBeGreaterThan(20);
    expect(new Set(gapsIn(sent))).toEqual(new Set([1]));
  });
});

describe('a sender that prefers redundant voice', () => {
  let call: SimulatedCall;
  afterEach(() => call.close());

  /** Offers or answers a format in front of, or behind Opus in each section of audio. */
  const withRed =
    (formats: string) =>
    ({ type, sdp }: SessionDescription): SessionDescription => ({
      type,
      sdp: sdp
        .replaceAll(/(m=audio \d+ UDP\/TLS\/RTP\/SAVPF) 111/g, `$1 ${formats}`)
        .replaceAll('a=rtpmap:111 ', 'a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:111 '),
    });
  /** Last description of each session from the SFU. */
  const descriptions = new Map<string, string>();
  const formatsFor = (sessionID: string) => /m=audio \d+ \S+ (.*)/.exec(descriptions.get(sessionID)!)?.[1];

  async function start(): Promise<void> {
    descriptions.clear();
    call = await SimulatedCall.start({ delayMs: 10 });
    call.sfu.on('message', ({ type, sessionID, data }) => {
      if (type === RtcMessageType.SDP) descriptions.set(sessionID, decodeSessionDescription(data).sdp);
    });
  }

  it('reaches those who accept it, and others as plain voice', async () => {
    await start();
    const sender = await call.join('sender', { tamper: withRed('63 111') });
    expect(formatsFor('sender')).toBe('63 111');
    const plain = await call.join('plain', { voice: false });
    const red = await call.join('red', { voice: false, tamper: withRed('111 63') });
    call.time.runFor(1_000);
    expect([formatsFor('plain'), formatsFor('red')]).toEqual(['111 63', '111 63']);
    const voice = new RawVoice(call, sender, { ssrc: 7, payloadType: 63 });
    for (let count = 0; count < 10; count++) {
      voice.send(Buffer.from([0x80 | 111, 0x0f, 0x00, 0x03, 111, 1, 2, 3, 4, 5]));
      call.time.runFor(20);
    }
    expect(plain.received('sender')).toMatchObject({ packets: 10, gaps: 0, formats: new Set([111]) });
    expect(red.received('sender')).toMatchObject({ packets: 10, gaps: 0, formats: new Set([63]) });
    expect(call.sfu.stats().drops.rtp_wrong_payload_type).toBe(0);
  });

  it('is an exception: a peer that puts it after Opus is answered with Opus alone, and is offered nothing else', async () => {
    await start();
    await call.join('sender', { tamper: withRed('111 63') });
    await call.join('receiver', { voice: false });
    call.time.runFor(1_000);
    expect([formatsFor('sender'), formatsFor('receiver')]).toEqual(['111', '111']);
  });

  it.each([
    ['stereo=1', 'minptime=10;useinbandfec=1;stereo=1', 'minptime=10;useinbandfec=1;sprop-stereo=1'],
    ['sprop-stereo=1', 'minptime=10;useinbandfec=1;stereo=1', 'minptime=10;useinbandfec=1;sprop-stereo=1'],
    ['usedtx=1', 'minptime=10;useinbandfec=1;usedtx=1', 'minptime=10;useinbandfec=1'],
    ['stereo=0;usedtx=x', 'minptime=10;useinbandfec=1', 'minptime=10;useinbandfec=1'],
  ])('is answered %s as %s, and offered as %s', async (offered, answered, forwarded) => {
    await start();
    const tamper = ({ type, sdp }: SessionDescription): SessionDescription => ({
      type,
      sdp: sdp.replaceAll('a=rtpmap:111 ', `a=fmtp:111 ${offered}\r\na=rtpmap:111 `),
    });
    await call.join('sender', { tamper });
    await call.join('receiver', { voice: false });
    call.time.runFor(1_000);
    const parametersFor = (sessionID: string) => /a=fmtp:111 (.*)/.exec(descriptions.get(sessionID)!)?.[1]?.trim();
    expect([parametersFor('sender'), parametersFor('receiver')]).toEqual([answered, forwarded]);
  });
});
