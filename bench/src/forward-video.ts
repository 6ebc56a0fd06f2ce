import { setTimeout as sleep } from 'node:timers/promises';
import { encodeScreenOn, encodeVideoOn, RtcMessageType, type TrackType } from '@rtcd/protocol';
import type { SentVideo, VideoEncodingOptions } from '@rtcd/rtc/testing';
import { median } from './cpu-time.ts';
import { type JoinedParticipant, Joiner } from './joiner.ts';
import type { BenchRow } from './row.ts';
import { ServerProcess } from './server-process.ts';

/** With header and SRTP tag, packets of about 1,100 bytes. */
const PAYLOAD_BYTES = 1_060;
const SAMPLE_MS = 2_000;
const SAMPLES = 5;
/** More than any receiver is sent: without reports of arrivals, a receiver tells this, so that nothing waits in the pacer. */
const WIDE_BPS = 20_000_000;
/** For receivers to be moved to the best encoding, and code to warm up. */
const SETTLE_MS = 15_000;

interface Scenario {
  readonly name: string;
  readonly type: Extract<TrackType, 'screen' | 'video'>;
  readonly senders: number;
  /** Those who send nothing. */
  readonly audience: number;
  readonly rids: readonly string[];
  readonly encodings: readonly VideoEncodingOptions[];
  /** Receivers report the arrival of each packet, as browsers do. */
  readonly reportsArrivals: boolean;
}

const encoding = (framesPerSecond: number, packetsPerFrame: number): VideoEncodingOptions => ({
  framesPerSecond,
  packetsPerFrame,
  packetsPerKeyframe: 3 * packetsPerFrame,
  payloadBytes: PAYLOAD_BYTES,
});

const screen = (audience: number, packetsPerFrame: number, reportsArrivals: boolean): Scenario => ({
  name: `1 screen x ${audience}${reportsArrivals ? '' : ', without reports'}`,
  type: 'screen',
  senders: 1,
  audience,
  rids: [],
  encodings: [encoding(25, packetsPerFrame)],
  reportsArrivals,
});

const SCENARIOS: readonly Scenario[] = [
  screen(100, 10, false),
  screen(100, 10, true),
  screen(500, 2, false),
  screen(500, 2, true),
  {
    name: '10 cameras x 10, 3 encodings',
    type: 'video',
    senders: 10,
    audience: 0,
    rids: ['l', 'm', 'h'],
    encodings: [encoding(20, 1), encoding(20, 2), encoding(20, 3)],
    reportsArrivals: true,
  },
];

/** CPU of the SFU's process per outgoing packet of video, from socket to socket. */
export async function forwardVideo(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const scenario of SCENARIOS) rows.push(...(await measure(scenario)));
  return rows;
}

async function measure(scenario: Scenario): Promise<BenchRow[]> {
  const { name, type, senders, audience, rids, encodings, reportsArrivals } = scenario;
  const server = await ServerProcess.start('./sfu-server.ts');
  const joiner = new Joiner(server);
  const joined: JoinedParticipant[] = [];
  for (let count = 0; count < senders + audience; count++) {
    joined.push(await joiner.join({ callID: 'call', voice: false, reportsArrivals }));
  }
  const sent: SentVideo[] = [];
  for (const { config, participant } of joined.slice(0, senders)) {
    const track = participant.publishVideo({ rids, codecs: ['VP8'] });
    const message =
      type === 'screen'
        ? { type: RtcMessageType.ScreenOn, data: encodeScreenOn({ screenStreamID: track.streamId }) }
        : { type: RtcMessageType.VideoOn, data: encodeVideoOn({ videoStreamID: track.streamId }) };
    server.send({ type: 'rtc', message: { ...config, ...message } });
    sent.push(participant.sendVideo(track, ...encodings));
    await sleep(500);
  }
  if (!reportsArrivals) for (const { participant } of joined) participant.sendEstimate(WIDE_BPS);
  await sleep(SETTLE_MS);

  const videos = joined.flatMap(({ participant }) =>
    joined.slice(0, senders).flatMap(({ config }) => participant.receivedVideo(config.sessionID, type) ?? []),
  );
  const delivered = () => videos.reduce((sum, { packets }) => sum + packets, 0);
  const idle: number[] = [];
  const samples: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    setPaused(sent, true);
    await sleep(300);
    const cost = await cpuOf(server, () => sleep(SAMPLE_MS));
    idle.push(cost);
    setPaused(sent, false);
    await sleep(300);
    const before = delivered();
    const busy = await cpuOf(server, () => sleep(SAMPLE_MS));
    samples.push((busy - cost) / (delivered() - before));
  }
  await server.stop();
  for (const { participant } of joined) await participant.close();

  const expected = senders * (senders + audience - 1);
  return [
    { name, value: median(samples), unit: 'µs CPU/packet' },
    { name: `${name}: streams`, value: (100 * videos.length) / expected, unit: '%', aim: '100' },
    { name: `${name}: paused`, value: (1_000 * median(idle)) / SAMPLE_MS / joined.length, unit: 'µs CPU/session/s' },
  ];
}

function setPaused(sent: readonly SentVideo[], isPaused: boolean): void {
  for (const { encodings } of sent) for (const it of encodings) it.isPaused = isPaused;
}

async function cpuOf(server: ServerProcess, work: () => Promise<unknown>): Promise<number> {
  const before = await server.cpuMicroseconds();
  await work();
  return (await server.cpuMicroseconds()) - before;
}
