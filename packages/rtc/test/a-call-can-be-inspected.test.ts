import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Logger, type RtcMetrics, silentLogger, silentMetrics } from '../src/ports.ts';
import { writePictureLoss } from '../src/rtcp/feedback.ts';
import { writeRemb } from '../src/rtcp/remb.ts';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { shareScreen } from './shared-screen.ts';

const LOW = { framesPerSecond: 5 };
/** 480 kbit/s. */
const HIGH = { framesPerSecond: 20, payloadBytes: 1_000 };

let call: SimulatedCall;
let receiver: Participant;
/** Observations of the metrics, by their names. */
let observed: Map<string, unknown[][]>;
/** Fields of the log's lines about decisions. */
let decisions: Record<string, unknown>[];

beforeEach(async () => {
  observed = new Map();
  decisions = [];
  const observe =
    (name: string) =>
    (...values: unknown[]) => {
      observed.set(name, [...(observed.get(name) ?? []), values]);
    };
  const metrics: RtcMetrics = {
    ...silentMetrics,
    receiverReport: (_, type) => observe(`report ${type}`),
    keyframeRequested: (_, type) => observe(`key frame ${type}`)(),
    videoDecided: (_, ...decision) => observe('decision')(...decision),
    bandwidthEstimate: (_, bitsPerSecond) => observe('estimate')(bitsPerSecond),
  };
  const debug = (fields: object, message: string) => {
    if (message === 'video chosen') decisions.push(fields as Record<string, unknown>);
  };
  const logger: Logger = { ...silentLogger, debug, child: () => logger };
  call = await SimulatedCall.start({ delayMs: 20, sfu: { metrics, logger, maxActiveVoices: 1 } });
  receiver = await call.join('receiver');
});
afterEach(() => call.close());

const inspect = () => call.sfu.inspectCall('group', 'call');
const memberOf = (sessionID: string) => inspect().members.find((member) => member.sessionID === sessionID)!;
const report = (bitrateBps: number) => {
  const packet = Buffer.alloc(64);
  receiver.sendRawRtcp(packet.subarray(0, writeRemb(packet, 0, 1, bitrateBps, [])));
};

it('shows what each member sends, and what each member gets of it', async () => {
  await shareScreen(call, [LOW, HIGH], { rids: ['q', 'f'] });
  const speaker = await call.join('speaker');
  call.time.runFor(1_000);
  call.speak([speaker, receiver], 5_000);
  report(400_000);
  call.time.runFor(100);

  const snapshot = inspect();
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  expect(snapshot).toMatchObject({ groupID: 'group', callID: 'call', sessions: 3, sharer: 'sender' });
  expect(call.sfu.callSummaries()).toEqual([
    { groupID: 'group', callID: 'call', sessions: 3, sharer: 'sender', ageMs: snapshot.ageMs },
  ]);
  expect(snapshot.members.map(({ sessionID }) => sessionID)).toEqual(['receiver', 'sender', 'speaker']);

  expect(memberOf('sender').sends).toMatchObject([
    { type: 'screen', codec: 'video/VP8', rid: 'q', level: 'l', lost: 0 },
    { type: 'screen', codec: 'video/VP8', rid: 'f', level: 'h', lost: 0 },
  ]);
  const [low, high] = memberOf('sender').sends;
  expect(high!.bitrateBps).toBeGreaterThan(400_000);
  expect(low!.bitrateBps).toBeLessThan(400_000);

  const { receives, voices, estimateBps } = memberOf('receiver');
  expect(estimateBps).toBe(400_000);
  expect(receives).toMatchObject([
    {
      trackId: expect.stringMatching(/^screen_sender_/),
      senderID: 'sender',
      type: 'screen',
      codec: 'video/VP8',
      isFlowing: true,
      level: 'l',
      chosenLevel: 'l',
      reason: 'bandwidth',
      bitrateBps: low!.bitrateBps,
      keyframeRequests: expect.any(Number),
      resentPackets: 0,
    },
  ]);
  expect(voices.count).toBe(1);
  const voiceStates = snapshot.members.flatMap(({ sends }) => sends.flatMap(({ voice }) => voice ?? []));
  expect(voiceStates.toSorted()).toEqual(['forwarded', 'inactive']);
});

it('counts key frame requests, retransmissions, and the contents of reports', async () => {
  await shareScreen(call, [HIGH], {});
  call.time.runFor(2_000);
  const [{ ssrc } = { ssrc: 0 }] = memberOf('receiver').receives;
  const packet = Buffer.alloc(16);
  for (let count = 0; count < 3; count++)
    receiver.sendRawRtcp(packet.subarray(0, writePictureLoss(packet, 0, 1, ssrc)));
  const requestsBefore = memberOf('receiver').receives[0]!.keyframeRequests!;
  const askedBefore = memberOf('sender').sends[0]!.keyframeRequests!;
  call.time.runFor(2_000);
  expect(memberOf('receiver').receives[0]!.keyframeRequests).toBe(requestsBefore + 3);
  expect(observed.get('key frame screen')).toHaveLength(requestsBefore + 3);
  // The sender is asked once.
  expect(memberOf('sender').sends[0]!.keyframeRequests).toBe(askedBefore + 1);

  call.network.setConditions({ lossRate: 0.1 });
  call.time.runFor(5_000);
  call.network.setConditions({ lossRate: 0 });
  expect(memberOf('receiver').receives[0]!.resentPackets).toBeGreaterThan(0);
  expect(observed.get('estimate')!.length).toBeGreaterThan(3);
});

it('counts the videos sent to receivers by encoding', async () => {
  await shareScreen(call, [LOW, HIGH], { rids: ['l', 'h'] });
  call.time.runFor(3_000);
  const streams = () => call.sfu.stats().videoStreams;
  expect(streams()).toEqual([{ groupID: 'group', type: 'screen', level: 'l', streams: 1 }]);
  call.time.runFor(15_000);
  expect(streams()).toEqual([{ groupID: 'group', type: 'screen', level: 'h', streams: 1 }]);
  await receiver.close();
  call.time.runFor(100);
  expect(streams()).toEqual([]);
});

it('reports why the encoding of a video changes, once per decision', async () => {
  await shareScreen(call, [LOW, HIGH], { rids: ['l', 'h'] });
  call.time.runFor(20_000);
  report(400_000);
  call.time.runFor(10_000);
  expect(decisions.map(({ level, reason }) => `${level} ${reason}`)).toEqual([
    'l back_off',
    'h awaiting_key_frame',
    'h fits',
    'l awaiting_key_frame',
    'l bandwidth',
  ]);
  expect(observed.get('decision')).toEqual(decisions.map(({ level, reason }) => ['screen', level, reason]));
  const events = call.sfu.inspect('group', 'receiver').events.filter(({ event }) => event === 'video chosen');
  expect(events.map(({ detail }) => detail.replace(/^screen_sender_\S+ /, ''))).toEqual([
    'l: back_off',
    'h: awaiting_key_frame',
    'l: awaiting_key_frame',
  ]);
  expect(decisions.at(-1)).toMatchObject({ trackId: expect.stringMatching(/^screen_sender_/), estimateBps: 400_000 });
});

it('throws for an unknown call', () => {
  expect(() => call.sfu.inspectCall('group', 'other')).toThrow('call other not found');
});
