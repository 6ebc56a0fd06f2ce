import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { BandwidthEstimator } from '../src/media/bandwidth/bandwidth-estimator.ts';
import { TransportCcRecorder } from '../src/rtcp/transport-cc-recorder.ts';

const FEEDBACK_MS = 50;
const FEEDBACK_DELAY_MS = 20;
/** Headers that the estimator adds to a payload, without UDP and IP: sizes in traces are those of UDP payloads. */
const HEADER_BYTES = 32;

/** One estimate, `atMs` after the first packet. */
export interface Estimate {
  readonly atMs: number;
  readonly bps: number;
}

/** Packets of a Chromium 156 sender over a shaped path, as a relay noted them in the order of their transport-wide numbers. */
interface ArrivalTrace {
  /** Times of departure, each since the one before. */
  readonly sentUs: readonly number[];
  /** Time on the way; null if lost. */
  readonly delayUs: readonly (number | null)[];
  readonly sizes: readonly number[];
  /** The sender's availableOutgoingBitrate: milliseconds, bits per second. */
  readonly estimates: readonly (readonly [number, number])[];
}

/** Reads a trace of `vectors/arrivals`. */
export function readArrivalTrace(name: string): ArrivalTrace {
  const file = new URL(`./vectors/arrivals/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(file)).toString()) as ArrivalTrace;
}

/** Feeds a trace to a new estimator, with feedback as a receiver writes it, and returns an estimate per feedback. */
export function replayArrivals(trace: ArrivalTrace): Estimate[] {
  const estimator = new BandwidthEstimator();
  const recorder = new TransportCcRecorder();
  const out = Buffer.alloc(1_200);
  const estimates: Estimate[] = [];
  let arrivals: { number: number; atMs: number }[] = [];
  let reportMs = FEEDBACK_MS;
  let sentUs = 0;
  const report = () => {
    const arrived = arrivals.filter(({ atMs }) => atMs <= reportMs).sort((a, b) => a.atMs - b.atMs);
    for (const { number, atMs } of arrived) recorder.record(number, atMs);
    arrivals = arrivals.filter(({ atMs }) => atMs > reportMs);
    for (let end = recorder.write(out, 0, 1, 2); end > 0; end = recorder.write(out, 0, 1, 2))
      estimator.receiveFeedback(out.subarray(0, end), reportMs + FEEDBACK_DELAY_MS);
    estimates.push({ atMs: reportMs + FEEDBACK_DELAY_MS, bps: estimator.bps });
    reportMs += FEEDBACK_MS;
  };
  for (const [index, size] of trace.sizes.entries()) {
    sentUs += trace.sentUs[index] ?? 0;
    const sentMs = sentUs / 1_000;
    while (reportMs + FEEDBACK_DELAY_MS <= sentMs) report();
    const number = estimator.sent(size - HEADER_BYTES, sentMs);
    const delayUs = trace.delayUs[index] ?? null;
    if (delayUs !== null) arrivals.push({ number, atMs: sentMs + delayUs / 1_000 });
  }
  return estimates;
}
