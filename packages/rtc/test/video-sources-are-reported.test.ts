import { afterEach, expect, it } from 'vitest';
import { visitRtcp } from '../src/rtcp/compound.ts';
import { type Participant, SimulatedCall, type VideoEncoding } from '../src/testing/index.ts';
import { shareScreen } from './shared-screen.ts';

let call: SimulatedCall;

afterEach(() => call.close());

/** Sources that receiver reports to a participant tell of. */
function sourcesReportedTo(participant: Participant): Set<number> {
  const sources = new Set<number>();
  const onReportBlock = ({ ssrc }: { readonly ssrc: number }) => sources.add(ssrc);
  participant.on('rtcp', (compound) => visitRtcp(compound, { onReportBlock }, 0));
  return sources;
}

const ssrcsOf = (encodings: readonly VideoEncoding[]) => encodings.flatMap(({ ssrc, rtxSsrc }) => [ssrc, rtxSsrc]);

it('receiver reports cover each encoding and its retransmission stream', async () => {
  call = await SimulatedCall.start({ delayMs: 20 });
  const { sender, encodings } = await shareScreen(call, [{}, {}], { rids: ['l', 'h'] });
  const reported = sourcesReportedTo(sender);
  call.time.runFor(2_000);
  expect(reported).toEqual(new Set(encodings.map(({ ssrc }) => ssrc)));
  call.network.setConditions({ lossRate: 0.1 });
  call.time.runFor(10_000);
  expect(reported).toEqual(new Set(ssrcsOf(encodings)));
});

it('receiver reports cover more sources than one of them has room for', async () => {
  call = await SimulatedCall.start({ delayMs: 20 });
  const sender = await call.join('sender');
  const few = { framesPerSecond: 5, packetsPerKeyframe: 3, packetsPerFrame: 2, payloadBytes: 60 };
  const rids = ['l', 'm', 'h'];
  const encodings = Array.from({ length: 8 }, () => {
    const track = sender.publishVideo({ rids, codecs: ['VP8'] });
    call.time.runFor(500);
    return sender.sendVideo(track, few, few, few).encodings;
  }).flat();
  const reported = sourcesReportedTo(sender);
  call.speak([sender], 1_000);
  call.network.setConditions({ lossRate: 0.1 });
  call.time.runFor(10_000);
  expect(reported).toEqual(new Set([...ssrcsOf(encodings), sender.voiceSsrc]));
});
