import type { ObservedDatagram } from '@rtcd/packet-io/testing';
import { RtcMessageType, type SessionDescription } from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RtcpVisitor, visitRtcp } from '../src/rtcp/compound.ts';
import { type ReportBlock, type SenderInfo, writeSenderReport } from '../src/rtcp/report.ts';
import { ssrcOf, timestampOf } from '../src/rtp/header.ts';
import { ntpTimestamp, unixMsOf } from '../src/rtp/ntp.ts';
import { timestampDelta } from '../src/rtp/sequence.ts';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { classify } from '../src/transport/demux.ts';
import { RawVoice } from './raw-voice.ts';

/** Longer than reports are apart. */
const REPORTS_MS = 2_000;
const VOICE_SSRC = 7;

let call: SimulatedCall;
let sender: Participant;
let receiver: Participant;
let voice: RawVoice;
/** Last sender reports to the receiver, by SSRC. */
let senderInfo: Map<number, SenderInfo>;
let cnames: Map<number, string>;
/** Receiver reports to the sender about its voice. */
let blocks: ReportBlock[];
/** RTP packets that left the SFU, by SSRC. */
let sent: Map<number, number>;
/** RTP timestamp of the last of them, by SSRC, and when it left on the clock of the SFU's reports. */
let lastSent: Map<number, { timestamp: number; unixMs: number }>;

const count = ({ datagram, from }: ObservedDatagram): void => {
  const packet = Buffer.from(datagram);
  if (from.port !== 8443 || classify(packet) !== 'rtp') return;
  sent.set(ssrcOf(packet), (sent.get(ssrcOf(packet)) ?? 0) + 1);
  lastSent.set(ssrcOf(packet), { timestamp: timestampOf(packet), unixMs: call.clock.unixMs() });
};

beforeEach(async () => {
  [senderInfo, cnames, blocks, sent, lastSent] = [new Map(), new Map(), [], new Map(), new Map()];
  call = await SimulatedCall.start({ delayMs: 10, onTransmit: count });
  receiver = await call.join('receiver', { voice: false });
  const aboutSource: RtcpVisitor = {
    onSenderReport: (ssrc, info) => senderInfo.set(ssrc, info),
    onCname: (ssrc, cname) => cnames.set(ssrc, cname),
  };
  receiver.on('rtcp', (compound) => visitRtcp(compound, aboutSource, call.time.nowMs));
  const tamper = ({ type, sdp }: SessionDescription): SessionDescription => ({
    type,
    sdp: sdp.replace(/a=ssrc:\d+/g, `a=ssrc:${VOICE_SSRC}`),
  });
  sender = await call.join('sender', { tamper });
  const ofReceiver: RtcpVisitor = { onReportBlock: (block) => blocks.push({ ...block }) };
  sender.on('rtcp', (compound) => visitRtcp(compound, ofReceiver, call.time.nowMs));
  voice = new RawVoice(call, sender, { ssrc: VOICE_SSRC, levelId: 1 });
  call.time.runFor(500);
});

afterEach(() => call.close());

const tell = (type: RtcMessageType) =>
  call.sfu.receive({ groupID: 'group', callID: 'call', userID: '', sessionID: 'sender', type, data: new Uint8Array() });

describe('a sender report', () => {
  /** The one source that the receiver is sent, and that its reports are about. */
  function expectTrue(): void {
    call.time.runFor(REPORTS_MS);
    expect(sent.size).toBe(1);
    const [[ssrc, packets] = []] = sent;
    expect([...senderInfo]).toEqual([[ssrc, expect.objectContaining({ packets, octets: packets! * 40 })]]);
    expect([...cnames].filter(([source]) => source === ssrc)).toEqual([[ssrc, 'sender']]);
  }

  it('counts what was sent on its SSRC, and names the session', () => {
    voice.speak(150);
    expectTrue();
  });

  it('continues to count over mutes', () => {
    for (let round = 0; round < 5; round++) {
      voice.speak(30);
      tell(RtcMessageType.Mute);
      voice.speak(30);
      tell(RtcMessageType.Unmute);
    }
    expectTrue();
  });

  it('continues to count over pauses of the receiver', () => {
    for (let round = 0; round < 5; round++) {
      voice.speak(30);
      receiver.setReceiving('sender', false);
      voice.speak(30);
      receiver.setReceiving('sender', true);
      call.time.runFor(200);
    }
    expectTrue();
  });

  it('continues to count over other sources of the sender, without packets that were not forwarded', () => {
    for (let ssrc = 20; ssrc < 25; ssrc++) {
      voice = new RawVoice(call, sender, { ssrc });
      voice.speak(30);
      voice.send(Buffer.alloc(100), { padded: true });
    }
    expectTrue();
  });

  /** By how much the receiver is told that what was sent last had been sampled before it left the SFU. */
  function toldAgeMs(): number {
    call.time.runFor(REPORTS_MS);
    const [[ssrc, { timestamp, unixMs }] = [0, { timestamp: 0, unixMs: 0 }]] = lastSent;
    const info = senderInfo.get(ssrc)!;
    return timestampDelta(info.timestamp, timestamp) / 48 - (unixMsOf(info.ntp) - unixMs);
  }

  it('uses the clock of the SFU when the sender sends no reports', () => {
    voice.speak(50);
    expect(Math.abs(toldAgeMs())).toBeLessThan(0.1);
  });

  it.each([0, 250, -40])('is in step with those of the sender, over mutes: %i ms', (ageMs) => {
    const report = Buffer.alloc(28);
    const tellSender = () => {
      const ntp = ntpTimestamp(call.clock.unixMs() + 987_654_321);
      // Packet n has the timestamp 960 n, and the last one left 20 ms ago.
      const timestamp = (voice.sent * 960 + ageMs * 48) >>> 0;
      writeSenderReport(report, 0, VOICE_SSRC, { ntp, timestamp, packets: voice.sent, octets: 0 });
      sender.sendRawRtcp(report);
    };
    voice.speak(50);
    tellSender();
    expect(toldAgeMs()).toBeCloseTo(ageMs, 0);
    tell(RtcMessageType.Mute);
    call.time.runFor(1_234);
    tell(RtcMessageType.Unmute);
    voice.speak(50);
    tellSender();
    expect(toldAgeMs()).toBeCloseTo(ageMs, 0);
  });

  it('counts what was sent, not what arrived', () => {
    voice.speak(10);
    call.network.setConditions({ lossRate: 0.3 });
    voice.speak(200);
    call.network.setConditions({ lossRate: 0 });
    voice.speak(50);
    expectTrue();
    expect(receiver.received('sender')!.packets).toBeLessThan([...sent.values()][0]!);
  });
});

describe('a receiver report', () => {
  const lossRatios = () => blocks.map(({ fractionLost }) => fractionLost / 256);

  /** Every fourth packet never arrives. */
  function speakWithLoss(packets: number): void {
    for (let packet = 0; packet < packets; packet++) {
      if (packet % 4 === 3) call.network.setConditions({ lossRate: 1 });
      voice.speak(1);
      call.network.setConditions({ lossRate: 0 });
    }
  }

  it('reports the loss of its interval', () => {
    voice.speak(100);
    call.time.runFor(REPORTS_MS);
    expect(lossRatios().length).toBeGreaterThan(2);
    expect(Math.max(...lossRatios())).toBe(0);
    blocks = [];
    speakWithLoss(400);
    const inTheMidst = lossRatios().slice(1, -1);
    expect(inTheMidst.length).toBeGreaterThan(2);
    for (const ratio of inTheMidst) expect(ratio).toBeCloseTo(0.25, 1);
    voice.speak(100);
    call.time.runFor(REPORTS_MS);
    expect(lossRatios().at(-1)).toBe(0);
    expect(blocks.at(-1)!.cumulativeLost).toBeGreaterThan(90);
  });

  it('reports no loss for a mute, or for packets that are not forwarded', () => {
    for (let round = 0; round < 5; round++) {
      voice.speak(30);
      tell(RtcMessageType.Mute);
      call.time.runFor(500);
      voice.speak(30);
      tell(RtcMessageType.Unmute);
      for (let probe = 0; probe < 5; probe++) voice.send(Buffer.alloc(100), { padded: true });
    }
    call.time.runFor(REPORTS_MS);
    expect(blocks.at(-1)).toMatchObject({ ssrc: VOICE_SSRC, cumulativeLost: 0 });
    expect(Math.max(...lossRatios())).toBe(0);
  });

  it('is about the current source of the sender', () => {
    voice.speak(100);
    new RawVoice(call, sender, { ssrc: 20 }).speak(100);
    blocks = [];
    call.time.runFor(REPORTS_MS);
    expect(new Set(blocks.map(({ ssrc }) => ssrc))).toEqual(new Set([20]));
    expect(blocks.at(-1)).toMatchObject({ cumulativeLost: 0 });
  });
});
