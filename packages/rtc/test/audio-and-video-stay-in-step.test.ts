import type { ObservedDatagram } from '@rtcd/packet-io/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { visitRtcp } from '../src/rtcp/compound.ts';
import { type SenderInfo, writeSenderReport } from '../src/rtcp/report.ts';
import { payloadTypeOf, ssrcOf, timestampOf } from '../src/rtp/header.ts';
import { ntpTimestamp, unixMsOf } from '../src/rtp/ntp.ts';
import { timestampDelta } from '../src/rtp/sequence.ts';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { classify } from '../src/transport/demux.ts';
import { type SharedScreen, shareScreen } from './shared-screen.ts';

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
