import { seededRandom } from '@rtcd/packet-io/testing';
import { EventQueue } from './event-queue.ts';
import { arrivedBps, fairness, mean, queuedMs, type Span } from './measures.ts';
import { MediaFlow, type MediaFlowOptions } from './media-flow.ts';
import { Bottleneck, boundedJitter, type Capacity, Path } from './path.ts';
import { TcpFlow } from './tcp-flow.ts';

const SEED = 1;
const DELAY_MS = 50;
/** Peak of the jitter of all cases (RFC 8867 section 4.2). */
const MAX_JITTER_MS = 30;
const SOURCE_BPS = 6_000_000;
/** The time in which flows start does not count. */
const START_MS = 10_000;

/** A test case of RFC 8867. */
export interface Rfc8867Case {
  readonly section: string;
  readonly name: string;
  readonly durationMs: number;
  readonly capacity: Capacity;
  readonly queueMs?: number;
  readonly build: (network: Network) => void;
  /** Time over which flows are compared; all of it without. */
  readonly fairSpan?: Span;
}

export interface Rfc8867Result {
  readonly case: Rfc8867Case;
  readonly flows: readonly MediaFlow[];
  /** Share of the capacity that all flows used, media and TCP. */
  readonly share: number;
  /** Share of the capacity that media used. */
  readonly mediaShare: number;
  /** 95th percentile of the time in queues. */
  readonly queuedMs: number;
  /** Share of packets that queues dropped: of voice, and of video. */
  readonly audioLoss: number;
  readonly videoLoss: number;
  /** Index for the media flows among each other. */
  readonly fairness: number;
}

/** Flows on both sides of a bottleneck. */
class Network {
  readonly events = new EventQueue();
  readonly random = seededRandom(SEED);
  readonly flows: MediaFlow[] = [];
  readonly tcpFlows: TcpFlow[] = [];
  readonly forward: Bottleneck;
  readonly #durationMs: number;

  constructor({ capacity, queueMs, durationMs }: Rfc8867Case) {
    this.forward = new Bottleneck(this.events, capacity, queueMs);
    this.#durationMs = durationMs;
  }

  media(options: Partial<MediaFlowOptions> = {}, delayMs = DELAY_MS): MediaFlow {
    const { events, random } = this;
    const endMs = this.#durationMs - 1_000;
    const way = { forward: this.path([this.forward], delayMs), backward: this.path([], delayMs) };
    const flow = new MediaFlow({ events, random, ...way, endMs, sourceBps: SOURCE_BPS, ...options });
    this.flows.push(flow);
    return flow;
  }

  tcp(startMs: number, segments?: number): void {
    const { events } = this;
    const way = { forward: this.path([this.forward], DELAY_MS, 0), backward: this.path([], DELAY_MS, 0) };
    const extent = segments === undefined ? {} : { segments };
    this.tcpFlows.push(new TcpFlow({ events, ...way, startMs, endMs: this.#durationMs, ...extent }));
  }

  path(bottlenecks: readonly Bottleneck[], delayMs: number, maxJitterMs = MAX_JITTER_MS): Path {
    const { events, random } = this;
    return new Path({ events, random, bottlenecks, delayMs, jitterMs: boundedJitter(maxJitterMs) });
  }
}

const MBPS = 1_000_000;
const steps = (bps: number, ...ratios: (readonly [atSeconds: number, ratio: number])[]): Capacity =>
  ratios.map(([atSeconds, ratio]) => [atSeconds * 1_000, bps * ratio]);

/** Sizes and pauses of short transfers (RFC 8867 section 5.7): 30 to 50 kB, 10 seconds between them on average. */
function shortTransfers({ random, tcp }: { random: () => number; tcp(startMs: number, segments: number): void }): void {
  const pauseMs = () => -Math.log(1 - random()) * 10_000;
  for (let startMs = pauseMs(); startMs < 290_000; startMs += pauseMs()) {
    tcp(startMs, Math.ceil((30_000 + 20_000 * random()) / 1_500));
  }
}

export const RFC8867_CASES: readonly Rfc8867Case[] = [
  {
    section: '5.1',
    name: 'Variable available capacity, single flow',
    durationMs: 100_000,
    capacity: steps(MBPS, [0, 1], [40, 2.5], [60, 0.6], [80, 1]),
    build: (network) => network.media(),
  },
  {
    section: '5.2',
    name: 'Variable available capacity, two flows',
    durationMs: 125_000,
    capacity: steps(2 * MBPS, [0, 2], [25, 1], [50, 1.75], [75, 0.5], [100, 1]),
    build: (network) => [network.media(), network.media()],
  },
  {
    section: '5.3',
    name: 'Congested feedback link, media both ways',
    durationMs: 100_000,
    capacity: steps(MBPS, [0, 2], [20, 1], [40, 0.5], [60, 2]),
    build: (network) => {
      const backward = new Bottleneck(network.events, steps(MBPS, [0, 2], [35, 0.8], [70, 2]));
      const ways = [network.path([network.forward], DELAY_MS), network.path([backward], DELAY_MS)] as const;
      network.media({ forward: ways[0], backward: ways[1] });
      const { events, random } = network;
      new MediaFlow({ events, random, forward: ways[1], backward: ways[0], sourceBps: SOURCE_BPS });
    },
  },
  {
    section: '5.4',
    name: 'Three flows, from 0, 20 and 40 s on',
    durationMs: 120_000,
    capacity: steps(3.5 * MBPS, [0, 1]),
    fairSpan: [60_000, 119_000],
    build: (network) => [0, 20_000, 40_000].map((startMs) => network.media({ startMs })),
  },
  {
    section: '5.5',
    name: 'Five flows with delays of 10 to 150 ms',
    durationMs: 300_000,
    capacity: steps(4 * MBPS, [0, 1]),
    fairSpan: [60_000, 299_000],
    build: (network) => [10, 25, 50, 100, 150].map((ms, index) => network.media({ startMs: index * 10_000 }, ms)),
  },
  {
    section: '5.6',
    name: 'One flow, and a long TCP flow',
    durationMs: 120_000,
    capacity: steps(2 * MBPS, [0, 1]),
    build: (network) => [network.tcp(0), network.media({ startMs: 5_000 })],
  },
  {
    section: '5.7',
    name: 'Two flows, and short TCP flows',
    durationMs: 300_000,
    capacity: steps(2 * MBPS, [0, 1]),
    build: (network) => {
      network.media({ startMs: 5_000 });
      network.media({ startMs: 5_000 });
      const tcp = (startMs: number, segments: number) => network.tcp(startMs, segments);
      for (let client = 0; client < 10; client++) shortTransfers({ random: network.random, tcp });
    },
  },
  {
    section: '5.8',
    name: 'Three flows, one pauses from 40 to 60 s',
    durationMs: 120_000,
    capacity: steps(3.5 * MBPS, [0, 1]),
    fairSpan: [80_000, 119_000],
    build: (network) => [network.media({ pauseMs: [40_000, 60_000] }), network.media(), network.media()],
  },
];

/** Runs a case. */
export function runRfc8867(testCase: Rfc8867Case): Rfc8867Result {
  const network = new Network(testCase);
  testCase.build(network);
  network.events.runUntil(START_MS);
  const tcpBefore = sumOf(network.tcpFlows.map(({ ackedBytes }) => ackedBytes));
  network.events.runUntil(testCase.durationMs);
  const span: Span = [START_MS, testCase.durationMs - 1_000];
  const { flows } = network;
  const seconds = Array.from({ length: (span[1] - span[0]) / 1_000 }, (_, index) => span[0] + index * 1_000);
  const capacityBps = mean(seconds.map((atMs) => network.forward.capacityBps(atMs)));
  const mediaBps = sumOf(flows.map((flow) => totalBps(flow, span)));
  const tcpBytes = sumOf(network.tcpFlows.map(({ ackedBytes }) => ackedBytes)) - tcpBefore;
  const tcpBps = (tcpBytes * 8_000) / (span[1] - span[0]);
  return {
    case: testCase,
    flows,
    share: (mediaBps + tcpBps) / capacityBps,
    mediaShare: mediaBps / capacityBps,
    queuedMs: queuedMs(flows, span),
    audioLoss: ratio(flows, 'audioDropped', 'audioSent'),
    videoLoss: ratio(flows, 'videoDropped', 'videoSent'),
    fairness: fairness(flows.map((flow) => arrivedBps(flow, testCase.fairSpan ?? span))),
  };
}

/** Returns what arrived of a flow over a time, also if it began later. */
const totalBps = (flow: MediaFlow, [fromMs, toMs]: Span): number =>
  sumOf(flow.samples.filter(({ atMs }) => atMs > fromMs && atMs <= toMs).map((sample) => sample.arrivedBps / 10)) /
  ((toMs - fromMs) / 1_000);

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

type Count = 'audioDropped' | 'audioSent' | 'videoDropped' | 'videoSent';
const ratio = (flows: readonly MediaFlow[], part: Count, whole: Count): number =>
  sumOf(flows.map((flow) => flow[part])) / sumOf(flows.map((flow) => flow[whole]));
