import type { ObservedDatagram } from '@rtcd/packet-io/testing';
import { RtcMessageType } from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { visitRtcp } from '../src/rtcp/compound.ts';
import { type SenderInfo, writeSenderReport } from '../src/rtcp/report.ts';
import { payloadTypeOf, ssrcOf, timestampOf } from '../src/rtp/header.ts';
import { ntpTimestamp, unixMsOf } from '../src/rtp/ntp.ts';
import { timestampDelta } from '../src/rtp/sequence.ts';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { classify } from '../src/transport/demux.ts';
import { Dice } from './dice.ts';
import { SentPackets } from './sent-packets.ts';
import { type SharedScreen, shareScreen } from './shared-screen.ts';
import { TimedSender } from './timed-sender.ts';

const AUDIO = { payloadType: 111, ticksPerMs: 48 };
const VIDEO = { payloadType: 96, ticksPerMs: 90 };

/** The last RTP packet of a stream, and when it passed. */
interface Passed {
  readonly ssrc: number;
  readonly timestamp: number;
  readonly unixMs: number;
}

let call: SimulatedCall;
let receiver: Participant;
let screen: SharedScreen;
/** By payload type: what the sender sent, and what the SFU did. */
let fromSender: Map<number, Passed>;
let fromSfu: Map<number, Passed>;
/** Last sender reports to the receiver, by SSRC. */
let told: Map<number, SenderInfo>;

const observe = ({ datagram, from }: ObservedDatagram): void => {
  const packet = Buffer.from(datagram);
  if (classify(packet) !== 'rtp') return;
  const passed = { ssrc: ssrcOf(packet), timestamp: timestampOf(packet), unixMs: call.clock.unixMs() };
  (from.port === 8443 ? fromSfu : fromSender).set(payloadTypeOf(packet), passed);
};

beforeEach(async () => {
  [fromSender, fromSfu, told] = [new Map(), new Map(), new Map()];
  call = await SimulatedCall.start({ delayMs: 20, onTransmit: observe });
  receiver = await call.join('receiver', { voice: false });
  receiver.on('rtcp', (compound) =>
    visitRtcp(compound, { onSenderReport: (ssrc, info) => told.set(ssrc, info) }, call.time.nowMs),
  );
  screen = await shareScreen(call, [{}], { voice: true });
  call.speak([screen.sender], 1_000);
});
afterEach(() => call.close());

/** The sender reports on a stream, by a clock that is hours off: its packets are `ageMs` older than they are sent. */
function report({ payloadType, ticksPerMs }: typeof AUDIO, ageMs: number): void {
  const { ssrc, timestamp, unixMs } = fromSender.get(payloadType)!;
  const nowMs = call.clock.unixMs();
  const ntp = ntpTimestamp(nowMs - 7_654_321);
  const nowTimestamp = (timestamp + Math.round((nowMs - unixMs + ageMs) * ticksPerMs)) >>> 0;
  const compound = Buffer.alloc(28);
  writeSenderReport(compound, 0, ssrc, { ntp, timestamp: nowTimestamp, packets: 0, octets: 0 });
  screen.sender.sendRawRtcp(compound);
}

/** Age of a stream's packets, according to the receiver's reports, when they leave the SFU. */
function toldAgeMs({ payloadType, ticksPerMs }: typeof AUDIO): number {
  const { ssrc, timestamp, unixMs } = fromSfu.get(payloadType)!;
  const info = told.get(ssrc)!;
  return timestampDelta(info.timestamp, timestamp) / ticksPerMs - (unixMsOf(info.ntp) - unixMs);
}

it('keeps the distance of audio and video that the sender reports, to a millisecond, over a path of changing delay', () => {
  const audioAgeMs = 180;
  const videoAgeMs = 60;
  const largest: number[] = [];
  for (let second = 0; second < 60; second++) {
    call.network.setConditions({ delayMs: 20 + ((second * 37) % 90) });
    if (second % 5 === 0) report(AUDIO, audioAgeMs);
    call.speak([screen.sender], 300);
    call.network.setConditions({ delayMs: 20 + ((second * 61) % 90) });
    report(VIDEO, videoAgeMs);
    call.network.setConditions({ delayMs: 20 });
    call.speak([screen.sender], 700);
    if (second > 10) largest.push(Math.abs(toldAgeMs(AUDIO) - toldAgeMs(VIDEO) - (audioAgeMs - videoAgeMs)));
  }
  expect(Math.max(...largest)).toBeLessThan(1);
});

describe("a receiver maps timestamps to the sender's clock", () => {
  /** The packet of a stream that was sent last. */
  interface Mapped {
    readonly receiver: string;
    /** By how much its time, by the last report, is off the sender's clock. */
    readonly errorMs: number;
    readonly atMs: number;
    readonly toldMs: number;
  }

  const WIDE_BPS = 500_000;
  const STEPS_PER_SECOND = 50;
  const SECONDS = 50;
  /** After a mute, the last report is from before it. The clock of the sender is followed by 0.2 ms per second meanwhile. */
  const MAX_REPORT_AGE_MS = 3_000;

  let receivers: Map<string, Participant>;
  /** Last reports, by SSRC. */
  let toldTo: Map<number, { readonly receiver: string; readonly info: SenderInfo; readonly atMs: number }>;
  let mapped: Map<number, Mapped>;
  let sender: TimedSender | undefined;

  const map = (packet: Buffer): void => {
    const ssrc = ssrcOf(packet);
    const told = toldTo.get(ssrc);
    const capturedMs = told && sender?.captureTimeMs(packet);
    if (capturedMs === undefined) return;
    const { receiver, info, atMs } = told!;
    const { ticksPerMs } = payloadTypeOf(packet) === AUDIO.payloadType ? AUDIO : VIDEO;
    const mappedMs = unixMsOf(info.ntp) + timestampDelta(timestampOf(packet), info.timestamp) / ticksPerMs;
    mapped.set(ssrc, { receiver, errorMs: mappedMs - capturedMs, atMs: call.time.nowMs, toldMs: atMs });
  };

  async function join(): Promise<void> {
    const name = `receiver-${receivers.size}`;
    const joined = await call.join(name, { voice: false });
    joined.on('rtcp', (compound) => {
      const { nowMs } = call.time;
      const onSenderReport = (ssrc: number, info: SenderInfo) =>
        toldTo.set(ssrc, { receiver: name, info, atMs: nowMs });
      visitRtcp(compound, { onSenderReport }, nowMs);
    });
    receivers.set(name, joined);
  }

  const signal = (type: RtcMessageType) =>
    call.sfu.receive({
      groupID: 'group',
      callID: 'call',
      userID: '',
      sessionID: 'sender',
      type,
      data: Buffer.alloc(0),
    });

  /** Largest distance between the streams of one receiver. */
  function skewMs(): number {
    const { nowMs } = call.time;
    const flowing = [...mapped.values()].filter(
      ({ atMs, toldMs }) => nowMs - atMs < 300 && nowMs - toldMs < MAX_REPORT_AGE_MS,
    );
    const streams = [...Map.groupBy(flowing, ({ receiver }) => receiver).values()];
    const errorsMs = streams.map((ofOne) => ofOne.map(({ errorMs }) => errorMs));
    return Math.max(0, ...errorsMs.map((errors) => Math.max(...errors) - Math.min(...errors)));
  }

  it.each([1, 2, 3, 4])('to a millisecond, over switches, mutes, losses, and joins (seed %i)', async (seed) => {
    await call.close();
    const dice = new Dice(seed);
    const isTimeFor = (everySeconds: number) => dice.isLucky(1 / (everySeconds * STEPS_PER_SECOND));
    [receivers, toldTo, mapped, sender] = [new Map(), new Map(), new Map(), undefined];
    call = await SimulatedCall.start({ seed, delayMs: 20, createPlane: new SentPackets(map).createPlane });
    await join();
    sender = await TimedSender.join(call);
    const skewsMs: number[] = [];
    for (let step = 0; step < SECONDS * STEPS_PER_SECOND; step++) {
      const second = step / STEPS_PER_SECOND;
      call.network.setConditions({ delayMs: dice.between(20, 110), lossRate: second % 10 > 8 ? 0.05 : 0 });
      if (isTimeFor(4)) {
        sender.isSpeaking = !sender.isSpeaking;
        signal(sender.isSpeaking ? RtcMessageType.Unmute : RtcMessageType.Mute);
      }
      // An upper encoding stops without a sign, and returns.
      sender.sendsHigh = second < 20 || second > 24;
      if (Number.isInteger(second)) for (const receiver of receivers.values()) receiver.sendEstimate(WIDE_BPS);
      if (receivers.size < 3 && isTimeFor(10)) await join();
      sender.step();
      // The first reports of the sender are on their way until then.
      if (second > 6 && step % 5 === 0) skewsMs.push(skewMs());
    }
    const shown = receivers.get('receiver-0')!.receivedVideo('sender')!.shown;
    const switches = shown.filter(({ source }, index) => source !== shown[Math.max(0, index - 1)]!.source);
    expect(switches.length).toBeGreaterThan(1);
    expect(Math.max(...skewsMs)).toBeGreaterThan(0);
    expect(Math.max(...skewsMs)).toBeLessThan(1);
  });
});
