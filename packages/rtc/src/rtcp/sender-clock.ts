import { type NtpTimestamp, unixMsOf } from '../rtp/ntp.ts';
import { timestampDelta } from '../rtp/sequence.ts';
import type { SenderInfo } from './report.ts';

/** Rate at which an offset follows its measurements: twice as fast as quartz clocks drift apart, and slower than any ear or eye notices. */
const MAX_SLEW = 200e-6;
/** By how much the time in one report must contradict the last one of the same stream for the sender's clock to have been set. */
const MIN_STEP_MS = 50;

/**
 * The clock that all sender reports of one peer are on, seen from ours. The offset between the two contains the network delay of a report,
 * which differs from report to report. All streams share one offset that changes slowly, so that their distance stays what the sender
 * says it is, to a fraction of a millisecond.
 */
export class SenderClock {
  /** By how much the offset has followed its measurements in all. */
  slewedMs = 0;
  #offsetMs: number | undefined;
  #adjustedMs = 0;
  /** By how much the peer's clock was set last, and when we noticed. */
  #stepMs = 0;
  #steppedMs = Number.NEGATIVE_INFINITY;

  /**
   * Returns the moment on our clock at which the peer's showed `peerMs`, as a report says that arrived at `nowMs`. `stepMs` is by how much
   * more the peer's clock went on than the stream's timestamps did since the report that arrived at `lastMs`.
   */
  observe(peerMs: number, nowMs: number, stepMs: number, lastMs: number): number {
    const measuredMs = nowMs - peerMs;
    let offsetMs = this.#offsetMs ?? measuredMs;
    // Timestamps may jump too, but then the offset that is measured stays. Reports of other streams repeat a step that is known.
    const isKnown = this.#steppedMs >= lastMs && Math.abs(stepMs - this.#stepMs) < MIN_STEP_MS;
    if (Math.abs(stepMs) > MIN_STEP_MS && !isKnown && isCloser(measuredMs, offsetMs - stepMs, offsetMs)) {
      offsetMs -= stepMs;
      this.#stepMs = stepMs;
      this.#steppedMs = nowMs;
    }
    const maxSlewMs = (nowMs - this.#adjustedMs) * MAX_SLEW;
    const slewMs = Math.max(-maxSlewMs, Math.min(maxSlewMs, measuredMs - offsetMs));
    this.slewedMs += slewMs;
    this.#adjustedMs = nowMs;
    this.#offsetMs = offsetMs + slewMs;
    return peerMs + this.#offsetMs;
  }
}

const isCloser = (target: number, candidate: number, other: number): boolean =>
  Math.abs(target - candidate) < Math.abs(target - other);

/** The RTP clock of one source, from the sender reports about it (RFC 3550 section 6.4.1). */
export class SourceClock {
  /** Number of reports so far. */
  reports = 0;
  readonly #sender: SenderClock;
  readonly #clockRate: number;
  /** Time of the last report. */
  #peerMs: number | undefined;
  #arrivedMs = 0;
  #timestamp = 0;
  /** On our clock, when it had been slewed by so much. */
  #timestampMs = 0;
  #slewedMs = 0;

  constructor(sender: SenderClock, clockRate: number) {
    this.#sender = sender;
    this.#clockRate = clockRate;
  }

  receive({ ntp, timestamp }: Pick<SenderInfo, 'ntp' | 'timestamp'>, nowMs: number): void {
    if (isUnknown(ntp)) return;
    const peerMs = unixMsOf(ntp);
    const lastPeerMs = this.#peerMs ?? peerMs;
    const sinceLastMs = this.#peerMs === undefined ? 0 : this.#toMs(timestampDelta(timestamp, this.#timestamp));
    this.#timestampMs = this.#sender.observe(peerMs, nowMs, peerMs - lastPeerMs - sinceLastMs, this.#arrivedMs);
    this.#slewedMs = this.#sender.slewedMs;
    this.#arrivedMs = nowMs;
    this.#timestamp = timestamp;
    this.#peerMs = peerMs;
    this.reports++;
  }

  /** Returns the timestamp that belongs to a moment on our clock, undefined before the first report. */
  timestampAt(nowMs: number): number | undefined {
    if (this.#peerMs === undefined) return undefined;
    const timestampMs = this.#timestampMs + this.#sender.slewedMs - this.#slewedMs;
    return (this.#timestamp + Math.round(((nowMs - timestampMs) * this.#clockRate) / 1000)) >>> 0;
  }

  #toMs(ticks: number): number {
    return (ticks * 1000) / this.#clockRate;
  }
}

/** A sender without a clock sends zero. */
const isUnknown = ({ seconds, fraction }: NtpTimestamp): boolean => seconds === 0 && fraction === 0;
