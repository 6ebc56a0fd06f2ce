import { seededRandom } from '@rtcd/packet-io/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeTransportCc } from '../../rtcp/transport-cc.ts';
import { TransportCcRecorder } from '../../rtcp/transport-cc-recorder.ts';
import { BandwidthEstimator } from './bandwidth-estimator.ts';
import type { Probe } from './probe-controller.ts';

const PAYLOAD_BYTES = 1_140;
const PACKET_BITS = 1_200 * 8;
const STEP_MS = 10;
const ONE_WAY_MS = 20;
const QUEUE_MS = 300;
const FEEDBACK_MS = 50;

interface Path {
  capacityBps: number;
  lossRatio: number;
  /** Bits per second that the source has to send, if the estimate allows. */
  sourceBps: number;
  /** Bits per second that probes are asked for. None are sent without. */
  wantedBps?: number;
}

let estimator: BandwidthEstimator;
let nowMs: number;
let path: Path;

beforeEach(() => {
  estimator = new BandwidthEstimator();
  nowMs = 0;
  path = { capacityBps: 10_000_000, lossRatio: 0, sourceBps: 10_000_000 };
});

/** A bottleneck with a queue, and a receiver that reports arrivals. */
class Simulation {
  readonly #random = seededRandom(1);
  readonly #recorder = new TransportCcRecorder();
  #arrivals: { readonly number: number; readonly atMs: number }[] = [];
  #busyUntilMs = 0;
  #unsentBits = 0;
  #reportMs = FEEDBACK_MS;
  /** Targets of the probes that were sent. */
  readonly probesBps: number[] = [];

  runFor(durationMs: number): void {
    for (const endMs = nowMs + durationMs; nowMs < endMs; nowMs += STEP_MS) this.#step();
  }

  /** Fills the queue with packets of another flow, so that it takes so long to empty. */
  occupy(queueMs: number): void {
    this.#busyUntilMs = Math.max(nowMs, this.#busyUntilMs) + queueMs;
  }

  #step(): void {
    this.#unsentBits += (Math.min(estimator.bps, path.sourceBps) * STEP_MS) / 1_000;
    for (; this.#unsentBits >= PACKET_BITS; this.#unsentBits -= PACKET_BITS) this.#send(nowMs);
    for (const { number, atMs } of this.#arrivals.filter((it) => it.atMs <= nowMs)) this.#recorder.record(number, atMs);
    this.#arrivals = this.#arrivals.filter(({ atMs }) => atMs > nowMs);
    if (nowMs < this.#reportMs) return;
    this.#reportMs += FEEDBACK_MS;
    const out = Buffer.alloc(1_200);
    for (let end = this.#write(out); end > 0; end = this.#write(out)) {
      expect(estimator.receiveFeedback(out.subarray(0, end), nowMs)).toBe(true);
    }
    const probe = path.wantedBps === undefined ? undefined : estimator.nextProbe(path.wantedBps, nowMs);
    if (probe) this.#sendProbe(probe);
  }

  #sendProbe({ id, targetBps, durationMs, packets }: Probe): void {
    this.probesBps.push(targetBps);
    const intervalMs = (PACKET_BITS * 1_000) / targetBps;
    const count = Math.max(packets, Math.ceil(durationMs / intervalMs));
    for (let packet = 0; packet < count; packet++) this.#send(nowMs + packet * intervalMs, id);
  }

  #write(out: Buffer): number {
    return this.#recorder.write(out, 0, 1, 2);
  }

  #send(sentMs: number, probe?: number): void {
    const number = estimator.sent(PAYLOAD_BYTES, sentMs, probe);
    const startMs = Math.max(sentMs, this.#busyUntilMs);
    if (startMs - sentMs > QUEUE_MS || this.#random() < path.lossRatio) return;
    this.#busyUntilMs = startMs + (PACKET_BITS * 1_000) / path.capacityBps;
    this.#arrivals.push({ number, atMs: this.#busyUntilMs + ONE_WAY_MS });
  }
}

describe('BandwidthEstimator', () => {
  it('grows to the capacity of a wide path', () => {
    new Simulation().runFor(30_000);
    expect(estimator.bps).toBeGreaterThan(9_500_000);
  });

  it('grows while less is sent than the path can carry', () => {
    path.sourceBps = 400_000;
    new Simulation().runFor(15_000);
    expect(estimator.bps).toBeGreaterThan(2_250_000);
  });

  it.each([400_000, 700_000, 1_500_000, 2_500_000])('stays near a capacity of %d bit/s', (capacityBps) => {
    path.capacityBps = capacityBps;
    const simulation = new Simulation();
    simulation.runFor(20_000);
    const estimates: number[] = [];
    for (let second = 0; second < 60; second++) {
      simulation.runFor(1_000);
      estimates.push(estimator.bps);
    }
    const mean = estimates.reduce((sum, bps) => sum + bps, 0) / estimates.length;
    expect(mean).toBeGreaterThan(0.65 * capacityBps);
    expect(mean).toBeLessThan(1.1 * capacityBps);
  });

  it('follows a path that narrows, within two seconds, and that widens again', () => {
    path.capacityBps = 3_000_000;
    const simulation = new Simulation();
    simulation.runFor(20_000);
    expect(estimator.bps).toBeGreaterThan(2_000_000);
    path.capacityBps = 600_000;
    simulation.runFor(2_000);
    expect(estimator.bps).toBeLessThan(700_000);
    path.capacityBps = 3_000_000;
    simulation.runFor(60_000);
    expect(estimator.bps).toBeGreaterThan(2_000_000);
  });

  it('learns of unused capacity from probes', () => {
    path = { capacityBps: 3_000_000, lossRatio: 0, sourceBps: 200_000, wantedBps: 2_500_000 };
    new Simulation().runFor(1_000);
    expect(estimator.bps).toBeGreaterThan(2_000_000);
  });

  it('grows no further than proven capacity, if probes are sent', () => {
    path = { capacityBps: 1_500_000, lossRatio: 0, sourceBps: 200_000, wantedBps: 2_500_000 };
    const simulation = new Simulation();
    simulation.runFor(30_000);
    expect(estimator.bps).toBeGreaterThan(1_200_000);
    expect(estimator.bps).toBeLessThan(1_600_000);
  });

  it('requests no probe while no more is wanted', () => {
    path = { capacityBps: 10_000_000, lossRatio: 0, sourceBps: 200_000, wantedBps: 900_000 };
    const simulation = new Simulation();
    simulation.runFor(10_000);
    expect(simulation.probesBps).toEqual([]);
  });

  it('requests few probes while they show nothing', () => {
    path = { capacityBps: 1_000_000, lossRatio: 0, sourceBps: 200_000, wantedBps: 3_000_000 };
    const simulation = new Simulation();
    simulation.runFor(60_000);
    expect(simulation.probesBps.length).toBeGreaterThan(2);
    expect(simulation.probesBps.length).toBeLessThan(10);
  });

  it('does not fall below the little that is sent when others fill the queue for a moment', () => {
    path = { capacityBps: 3_000_000, lossRatio: 0, sourceBps: 200_000 };
    const simulation = new Simulation();
    simulation.runFor(10_000);
    simulation.occupy(150);
    simulation.runFor(1_000);
    expect(estimator.bps).toBeGreaterThan(190_000);
  });

  it('asks for a probe again when the last that was known of a receiver that is sent nothing is a queue', () => {
    path = { capacityBps: 600_000, lossRatio: 0, sourceBps: 2_000_000, wantedBps: 2_000_000 };
    const simulation = new Simulation();
    simulation.runFor(10_000);
    simulation.occupy(250);
    simulation.runFor(300);
    expect(estimator.nextProbe(2_000_000, nowMs + 500)).toBeUndefined();
    expect(estimator.nextProbe(2_000_000, nowMs + 60_000)).toMatchObject({ packets: 5 });
  });

  it('tolerates a loss of one percent, and backs off at twenty', () => {
    path.lossRatio = 0.01;
    const simulation = new Simulation();
    simulation.runFor(30_000);
    expect(estimator.bps).toBeGreaterThan(2_500_000);
    path.lossRatio = 0.2;
    simulation.runFor(10_000);
    expect(estimator.bps).toBeLessThan(500_000);
  });

  it('counts a lost packet once, however often it is reported', () => {
    const recorder = new TransportCcRecorder();
    for (let number = 0; number < 50; number++) {
      estimator.sent(PAYLOAD_BYTES, number);
      if (number !== 20 && number !== 21) recorder.record(number, number);
    }
    const out = Buffer.alloc(1_200);
    const report = out.subarray(0, recorder.write(out, 0, 1, 2));
    for (let repeat = 0; repeat < 20; repeat++) estimator.receiveFeedback(report, 1_000 + repeat * 500);
    expect(estimator.bps).toBeGreaterThan(1_000_000);
  });

  it('adopts the estimate of a receiver that sends no transport-cc feedback', () => {
    estimator.receiveRemb(700_000, 0);
    expect(estimator.bps).toBe(700_000);
    estimator.receiveRemb(900_000, 0);
    expect(estimator.bps).toBe(900_000);
  });

  it('is bounded by the estimate of a receiver that sends transport-cc feedback as well', () => {
    const simulation = new Simulation();
    simulation.runFor(1_000);
    estimator.receiveRemb(300_000, nowMs);
    expect(estimator.bps).toBe(300_000);
    simulation.runFor(4_000);
    expect(estimator.bps).toBe(300_000);
    simulation.runFor(10_000);
    expect(estimator.bps).toBeGreaterThan(1_000_000);
  });

  it('follows the loss in receiver reports of a receiver that sends nothing else', () => {
    for (nowMs = 0; nowMs < 5_000; nowMs += 1_000) estimator.receiveLoss(0, nowMs);
    const grownBps = estimator.bps;
    expect(grownBps).toBeGreaterThan(1_300_000);
    estimator.receiveLoss(0.05, nowMs);
    expect(estimator.bps).toBe(grownBps);
    estimator.receiveLoss(0.2, nowMs);
    expect(estimator.bps).toBeCloseTo(0.9 * grownBps);
    estimator.receiveRemb(400_000, nowMs);
    estimator.receiveLoss(0, nowMs + 1_000);
    expect(estimator.bps).toBe(400_000);
  });

  it('reports malformed feedback, and ignores packets that were never sent', () => {
    expect(estimator.receiveFeedback(Buffer.alloc(12), 0)).toBe(false);
    const recorder = new TransportCcRecorder();
    for (let number = 0; number < 100; number++) recorder.record(number, number);
    const out = Buffer.alloc(1_200);
    expect(estimator.receiveFeedback(out.subarray(0, recorder.write(out, 0, 1, 2)), 0)).toBe(true);
    expect(estimator.bps).toBe(1_000_000);
  });

  it('stays within its bounds whatever a receiver claims', () => {
    const random = seededRandom(1);
    const whole = (below: number) => Math.floor(random() * below);
    const feedback = {
      senderSsrc: 1,
      mediaSsrc: 2,
      feedbackCount: 0,
      baseSequence: 0,
      statusCount: 0,
      statuses: new Uint8Array(100),
      referenceTicks: 0,
      deltas: new Int16Array(100),
    };
    const out = Buffer.alloc(1_200);
    for (let round = 0; round < 3_000; round++) {
      for (let packet = whole(20); packet > 0; packet--) estimator.sent(whole(1_400), nowMs, whole(3));
      feedback.baseSequence = whole(40_000);
      feedback.statusCount = 1 + whole(100);
      feedback.referenceTicks = (whole(2 ** 24) - 2 ** 23) << 8;
      for (let place = 0; place < feedback.statusCount; place++) {
        feedback.statuses[place] = whole(3);
        feedback.deltas[place] = feedback.statuses[place] === 1 ? whole(256) : whole(65_536) - 32_768;
      }
      estimator.receiveFeedback(out.subarray(0, writeTransportCc(out, 0, feedback)), nowMs);
      if (round % 10 === 0) estimator.receiveRemb(whole(2 ** 40), nowMs);
      estimator.nextProbe(whole(2 ** 30), nowMs);
      nowMs += whole(200);
      expect(estimator.bps).toBeGreaterThanOrEqual(50_000);
      expect(estimator.bps).toBeLessThanOrEqual(15_000_000);
    }
  });
});
