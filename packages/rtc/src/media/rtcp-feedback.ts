import type { PacketIo } from '@rtcd/packet-io';
import { writeReceiverReport } from '../rtcp/report.ts';
import { TransportCcRecorder } from '../rtcp/transport-cc-recorder.ts';
import type { IncomingMedia } from './receive/incoming-media.ts';
import { MAX_REPAIR_REQUEST_BYTES } from './receive/repair-requests.ts';

/** Bounds of the time between two reports of arrivals. Within them, reports of usual size take a share of what arrives, as libwebrtc's do. */
const MIN_REPORT_INTERVAL_MS = 50;
const MAX_REPORT_INTERVAL_MS = 250;
const REPORT_BYTES = 68;
const REPORT_SHARE = 0.05;
/** Feedback packets of one report at most: more packets in an interval are not plausible. */
const MAX_TRANSPORT_CC_PACKETS = 8;
/** In front of a request, an empty receiver report: the packet is a compound one for peers that know no others (RFC 3550 section 6.1). */
const NO_BLOCKS: readonly never[] = [];

export interface RtcpFeedbackOptions {
  readonly io: Pick<PacketIo, 'sendRtcp'>;
  /** Ours, in feedback about sources of the peer. */
  readonly ssrc: number;
}

/** Asks the peer for lost packets and key frames, and reports the arrival of all its packets to its congestion control. */
export class RtcpFeedback {
  readonly #incoming: IncomingMedia;
  readonly #options: RtcpFeedbackOptions;
  /** Made for the first packet that has a transport-wide number: most of its 6 KB would be idle in a peer that only listens. */
  #arrivals: TransportCcRecorder | undefined;
  #slot: number | undefined;
  #reportMs = Number.POSITIVE_INFINITY;
  #lastReportMs = Number.NEGATIVE_INFINITY;
  #reportIntervalMs = MIN_REPORT_INTERVAL_MS;
  /** Since the last report. */
  #arrivedBytes = 0;

  constructor(incoming: IncomingMedia, options: RtcpFeedbackOptions) {
    this.#incoming = incoming;
    this.#options = options;
  }

  start(slot: number): void {
    this.#slot = slot;
    this.#arrivals = undefined;
  }

  stop(): void {
    this.#slot = undefined;
    this.#reportMs = Number.POSITIVE_INFINITY;
  }

  /** Takes note of the arrival of an authentic packet, of whichever source, by its transport-wide sequence number. */
  received(transportSequenceNumber: number, sizeBytes: number, nowMs: number): void {
    this.#arrivedBytes += sizeBytes;
    this.#arrivals ??= new TransportCcRecorder();
    this.#arrivals.record(transportSequenceNumber, nowMs);
    if (this.#reportMs === Number.POSITIVE_INFINITY) {
      this.#reportMs = Math.max(nowMs, this.#lastReportMs + this.#reportIntervalMs);
    }
  }

  deadline(): number {
    if (this.#slot === undefined) return Number.POSITIVE_INFINITY;
    return Math.min(this.#reportMs, this.#incoming.deadline());
  }

  timeout(nowMs: number, roundTripMs: number | undefined): void {
    if (this.#slot === undefined) return;
    if (nowMs >= this.#reportMs) this.#report(this.#slot, nowMs);
    if (nowMs >= this.#incoming.deadline()) this.#request(this.#slot, nowMs, roundTripMs);
  }

  #report(slot: number, nowMs: number): void {
    this.#reportMs = Number.POSITIVE_INFINITY;
    this.#reportIntervalMs = reportIntervalMs(this.#arrivedBytes, nowMs - this.#lastReportMs);
    this.#arrivedBytes = 0;
    this.#lastReportMs = nowMs;
    const [source] = this.#incoming.sources;
    for (let packets = 0; packets < MAX_TRANSPORT_CC_PACKETS; packets++) {
      const end = this.#arrivals?.write(scratch, 0, this.#options.ssrc, source?.ssrc ?? 0) ?? 0;
      if (end === 0) return;
      this.#options.io.sendRtcp(slot, scratch.subarray(0, end));
    }
  }

  #request(slot: number, nowMs: number, roundTripMs: number | undefined): void {
    const senderSsrc = this.#options.ssrc;
    for (const { source, requests } of this.#incoming.levels) {
      if (!source || requests.deadline() > nowMs) continue;
      const start = writeReceiverReport(scratch, 0, senderSsrc, NO_BLOCKS);
      const end = requests.write(scratch, start, { senderSsrc, mediaSsrc: source.ssrc, nowMs, roundTripMs });
      if (end > start) this.#options.io.sendRtcp(slot, scratch.subarray(0, end));
    }
  }
}

/** Returns the time until the next report, by what has arrived since the last one. */
function reportIntervalMs(arrivedBytes: number, elapsedMs: number): number {
  // Before the first report, the rate is not known: a new sender gets feedback soon.
  if (elapsedMs === Number.POSITIVE_INFINITY) return MIN_REPORT_INTERVAL_MS;
  const intervalMs = (REPORT_BYTES * elapsedMs) / (REPORT_SHARE * arrivedBytes);
  return Math.min(MAX_REPORT_INTERVAL_MS, Math.max(MIN_REPORT_INTERVAL_MS, intervalMs));
}

/** Feedback is written and sent within one turn, so that one buffer serves all sessions. */
const scratch = Buffer.alloc(Math.max(2_048, 8 + MAX_REPAIR_REQUEST_BYTES));
