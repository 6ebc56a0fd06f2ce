import { seededRandom } from '@rtcd/packet-io/testing';
import { BandwidthEstimator } from '../src/media/bandwidth/bandwidth-estimator.ts';
import { TransportCcRecorder } from '../src/rtcp/transport-cc-recorder.ts';

const PAYLOAD_BYTES = 1_140;
const PACKET_BITS = 1_200 * 8;
const STEP_MS = 2;
const QUEUE_MS = 300;
const FEEDBACK_MS = 50;

/** A way to a receiver at a moment. */
export interface Path {
  readonly capacityBps: number;
  readonly delayMs: number;
  /** Share of packets lost at random. */
  readonly lossRatio?: number;
  /** Mean of an exponential delay that keeps the order of packets. */
  readonly jitterMs?: number;
  /** Rate of another flow through the same queue, which does not give way. */
  readonly competingBps?: number;
}

/** One per second of a run, from its beginning. */
export interface Second {
  readonly estimateBps: number;
  readonly arrivedBps: number;
  /** Times in the queue, of the packets that passed. */
  readonly queuedMs: readonly number[];
}

/** Sends at the estimate, and at most `sourceBps`, over a path that changes, in virtual time. */
export function runOverPath(pathAt: (nowMs: number) => Path, durationMs: number, sourceBps: number): Second[] {
  const estimator = new BandwidthEstimator();
  const recorder = new TransportCcRecorder();
  const random = seededRandom(1);
  const out = Buffer.alloc(1_200);
  const seconds: Second[] = [];
  const feedback: { readonly packet: Buffer; readonly atMs: number }[] = [];
  const arrivals: { readonly number: number; readonly atMs: number }[] = [];
  let queuedMs: number[] = [];
  let arrived = 0;
  let unsentBits = 0;
  let busyUntilMs = 0;
  let lastArrivalMs = 0;

  const send = (path: Path, nowMs: number) => {
    const number = estimator.sent(PAYLOAD_BYTES, nowMs);
    const startMs = Math.max(nowMs, busyUntilMs);
    if (startMs - nowMs > QUEUE_MS) return;
    busyUntilMs = startMs + (PACKET_BITS * 1_000) / path.capacityBps;
    queuedMs.push(startMs - nowMs);
    if (random() < (path.lossRatio ?? 0)) return;
    const jitterMs = -Math.log(1 - random()) * (path.jitterMs ?? 0);
    lastArrivalMs = Math.max(lastArrivalMs, busyUntilMs + path.delayMs + jitterMs);
    arrivals.push({ number, atMs: lastArrivalMs });
  };

  for (let nowMs = STEP_MS; nowMs <= durationMs; nowMs += STEP_MS) {
    const path = pathAt(nowMs);
    busyUntilMs = Math.max(busyUntilMs, nowMs) + ((path.competingBps ?? 0) / path.capacityBps) * STEP_MS;
    unsentBits += (Math.min(estimator.bps, sourceBps) * STEP_MS) / 1_000;
    for (; unsentBits >= PACKET_BITS; unsentBits -= PACKET_BITS) send(path, nowMs);
    for (let first = arrivals[0]; first && first.atMs <= nowMs; first = arrivals[0]) {
      recorder.record(first.number, first.atMs);
      arrivals.shift();
      arrived += PACKET_BITS;
    }
    if (nowMs % FEEDBACK_MS === 0) {
      for (let end = recorder.write(out, 0, 1, 2); end > 0; end = recorder.write(out, 0, 1, 2)) {
        feedback.push({ packet: Buffer.from(out.subarray(0, end)), atMs: nowMs + path.delayMs });
      }
    }
    for (let first = feedback[0]; first && first.atMs <= nowMs; first = feedback[0]) {
      estimator.receiveFeedback(first.packet, nowMs);
      feedback.shift();
    }
    if (nowMs % 1_000 === 0) {
      seconds.push({ estimateBps: estimator.bps, arrivedBps: arrived, queuedMs });
      arrived = 0;
      queuedMs = [];
    }
  }
  return seconds;
}

/** Returns what a run used of its path, and how long packets waited at most of the time. */
export function summarize(seconds: readonly Second[], availableBps: number): { share: number; queuedMs: number } {
  const arrivedBps = seconds.reduce((sum, second) => sum + second.arrivedBps, 0) / seconds.length;
  const queuedMs = seconds.flatMap((second) => second.queuedMs).sort((a, b) => a - b);
  return { share: arrivedBps / availableBps, queuedMs: queuedMs[Math.floor(queuedMs.length * 0.95)] ?? 0 };
}
