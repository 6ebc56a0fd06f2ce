import { seededRandom } from '@rtcd/packet-io/testing';
import { EventQueue } from './event-queue.ts';
import { arrivedBps, fairness, queuedMs, reachedMs, type Span, samplesWithin } from './measures.ts';
import { MediaFlow } from './media-flow.ts';
import { Bottleneck, burstLoss, type Capacity, exponentialJitter, Path, randomLoss } from './path.ts';
import { TcpFlow } from './tcp-flow.ts';

/** A link with one receiver behind it, and possibly something else. */
export interface LinkCase {
  readonly name: string;
  readonly capacityBps: number;
  /** Each way. */
  readonly delayMs?: number;
  readonly queueMs?: number;
  readonly jitterMs?: number;
  /** Share of packets that the link loses, one by one or in bursts of this mean length. */
  readonly lossRatio?: number;
  readonly burstLength?: number;
  /** A moment from which on the path is longer by 60 ms. */
  readonly isLongerFromMs?: number;
  /** Another flow: one that does not give way, one of ours, or TCP. */
  readonly other?: 'constant' | 'media' | 'tcp';
  readonly levelsBps?: readonly number[];
  readonly sourceBps?: number;
}

export interface LinkResult {
  readonly flow: MediaFlow;
  /** Share of what can arrive that all flows used together, in steady state. */
  readonly share: number;
  /** Share that each flow had of what they used. */
  readonly shares: readonly number[];
  readonly fairness: number;
  readonly queuedMs: number;
  readonly switchesPerMinute: number;
  /** Packets of voice that the queue dropped in steady state. */
  readonly audioDropped: number;
  readonly lowestEstimateBps: number;
}

const RUN_MS = 90_000;
const SETTLED: Span = [30_000, RUN_MS];
const SOURCE_BPS = 12_000_000;
const CONSTANT_BPS = 1_000_000;
const LONGER_MS = 60;
const SEED = 1;

const LEVELS_BPS = [150_000, 500_000, 1_200_000, 2_500_000];

export const LINK_CASES: readonly LinkCase[] = [
  { name: '300 kbit/s', capacityBps: 300_000 },
  { name: '1 Mbit/s', capacityBps: 1_000_000 },
  { name: '3 Mbit/s', capacityBps: 3_000_000 },
  { name: '10 Mbit/s', capacityBps: 10_000_000 },
  { name: '1 Mbit/s, 150 ms each way', capacityBps: 1_000_000, delayMs: 150 },
  { name: '1 Mbit/s, 300 ms each way', capacityBps: 1_000_000, delayMs: 300 },
  { name: '3 Mbit/s, 2% random loss', capacityBps: 3_000_000, lossRatio: 0.02 },
  { name: '3 Mbit/s, 5% random loss', capacityBps: 3_000_000, lossRatio: 0.05 },
  { name: '3 Mbit/s, 10% random loss', capacityBps: 3_000_000, lossRatio: 0.1 },
  { name: '1 Mbit/s, 5% random loss', capacityBps: 1_000_000, lossRatio: 0.05 },
  { name: '3 Mbit/s, bursts of 10 lost packets, 3%', capacityBps: 3_000_000, lossRatio: 0.03, burstLength: 10 },
  { name: '1 Mbit/s, jitter of 10 ms', capacityBps: 1_000_000, jitterMs: 10 },
  { name: '3 Mbit/s, jitter of 30 ms', capacityBps: 3_000_000, jitterMs: 30 },
  { name: '1 Mbit/s, jitter of 30 ms', capacityBps: 1_000_000, jitterMs: 30 },
  { name: '3 Mbit/s, 1 Mbit/s of a flow that does not give way', capacityBps: 3_000_000, other: 'constant' },
  { name: '3 Mbit/s, another flow of ours', capacityBps: 3_000_000, other: 'media' },
  { name: '3 Mbit/s, a TCP flow', capacityBps: 3_000_000, other: 'tcp' },
  { name: '1 Mbit/s, longer by 60 ms from 40 s on', capacityBps: 1_000_000, isLongerFromMs: 40_000 },
  { name: '1 Mbit/s, queue of 30 ms', capacityBps: 1_000_000, queueMs: 30 },
  { name: '300 kbit/s, encodings', capacityBps: 300_000, levelsBps: LEVELS_BPS, sourceBps: 2_500_000 },
  { name: '1 Mbit/s, encodings', capacityBps: 1_000_000, levelsBps: LEVELS_BPS, sourceBps: 2_500_000 },
  { name: '3 Mbit/s, encodings', capacityBps: 3_000_000, levelsBps: LEVELS_BPS, sourceBps: 2_500_000 },
  {
    name: '1 Mbit/s, encodings, 5% random loss',
    capacityBps: 1_000_000,
    levelsBps: LEVELS_BPS,
    sourceBps: 2_500_000,
    lossRatio: 0.05,
  },
];

/** Runs a case for 90 seconds, of which the first 30 do not count. */
export function runLink({ capacityBps, queueMs, other, sourceBps = SOURCE_BPS, ...link }: LinkCase): LinkResult {
  const events = new EventQueue();
  const random = seededRandom(SEED);
  const bottleneck = new Bottleneck(events, [[0, capacityBps]], queueMs);
  const delayMs = link.delayMs ?? 50;
  const jitterMs = link.jitterMs === undefined ? undefined : exponentialJitter(link.jitterMs);
  const { lossRatio = 0, burstLength } = link;
  const loss = () => (burstLength ? burstLoss(lossRatio, burstLength) : randomLoss(lossRatio));
  const lengthenedMs = (nowMs: number) => (nowMs > (link.isLongerFromMs ?? RUN_MS) ? LONGER_MS : 0);
  const path = () =>
    new Path({
      events,
      random,
      bottlenecks: [bottleneck],
      delayMs,
      jitterMs,
      isLost: lossRatio > 0 ? loss() : undefined,
      lengthenedMs,
    });
  const way = () => ({
    events,
    random,
    forward: path(),
    backward: new Path({ events, random, bottlenecks: [], delayMs }),
  });
  const flow = new MediaFlow({ ...way(), sourceBps, levelsBps: link.levelsBps });
  const second = other === 'media' ? new MediaFlow({ ...way(), sourceBps, startMs: 5_000 }) : undefined;
  const tcp = other === 'tcp' ? new TcpFlow({ ...way(), startMs: 5_000, endMs: RUN_MS }) : undefined;
  if (other === 'constant') events.every(9.6, () => bottleneck.send((CONSTANT_BPS * 9.6) / 8_000, () => {}));
  events.runUntil(SETTLED[0]);
  const tcpBefore = tcp?.ackedBytes ?? 0;
  const droppedBefore = flow.audioDropped;
  events.runUntil(RUN_MS);

  const tcpBps = (((tcp?.ackedBytes ?? 0) - tcpBefore) * 8_000) / (SETTLED[1] - SETTLED[0]);
  const ratesBps = [flow, ...(second ? [second] : [])].map((it) => arrivedBps(it, SETTLED));
  if (tcp) ratesBps.push(tcpBps);
  const usedBps = ratesBps.reduce((sum, bps) => sum + bps, 0);
  const samples = samplesWithin(flow, SETTLED);
  return {
    flow,
    share: usedBps / ((capacityBps - (other === 'constant' ? CONSTANT_BPS : 0)) * (1 - lossRatio)),
    shares: ratesBps.map((bps) => bps / usedBps),
    fairness: fairness(ratesBps),
    queuedMs: queuedMs([flow], SETTLED),
    switchesPerMinute: flow.switchesMs.filter((atMs) => atMs > SETTLED[0]).length,
    audioDropped: flow.audioDropped - droppedBefore,
    lowestEstimateBps: Math.min(...samples.map(({ estimateBps }) => estimateBps)),
  };
}

/** A link that narrows for 30 seconds. */
export const STEPS: readonly (readonly [wideBps: number, narrowBps: number])[] = [
  [3_000_000, 500_000],
  [1_000_000, 300_000],
  [2_500_000, 1_000_000],
  [10_000_000, 1_000_000],
];

export interface StepResult {
  readonly flow: MediaFlow;
  /** From the moment at which the link narrowed until the estimate was below its capacity. */
  readonly backOffMs: number;
  /** From the moment at which it widened until the estimate was 80% of its capacity. */
  readonly comeBackMs: number;
  readonly queuedMs: number;
  readonly audioDropped: number;
}

const NARROWS_MS = 30_000;
const WIDENS_MS = 60_000;

/** Runs a link that narrows after 30 seconds, and widens after 60. */
export function runStep(wideBps: number, narrowBps: number): StepResult {
  const events = new EventQueue();
  const random = seededRandom(SEED);
  const capacity: Capacity = [
    [0, wideBps],
    [NARROWS_MS, narrowBps],
    [WIDENS_MS, wideBps],
  ];
  const bottlenecks = [new Bottleneck(events, capacity)];
  const forward = new Path({ events, random, bottlenecks, delayMs: 50 });
  const backward = new Path({ events, random, bottlenecks: [], delayMs: 50 });
  const flow = new MediaFlow({ events, random, forward, backward, sourceBps: SOURCE_BPS });
  events.runUntil(RUN_MS);
  return {
    flow,
    backOffMs: reachedMs(flow, NARROWS_MS, (bps) => bps < narrowBps),
    comeBackMs: reachedMs(flow, WIDENS_MS, (bps) => bps >= 0.8 * wideBps),
    queuedMs: queuedMs([flow], [NARROWS_MS, WIDENS_MS]),
    audioDropped: flow.audioDropped,
  };
}
