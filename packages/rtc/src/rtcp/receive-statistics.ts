import { toShortNtp } from '../rtp/ntp.ts';
import { timestampDelta } from '../rtp/sequence.ts';
import type { ReportBlock } from './report.ts';

const CYCLE = 0x1_0000;
/** A jump ahead by less is loss (RFC 3550 appendix A.1). */
const MAX_DROPOUT = 3_000;
/** A step back by no more is reordering, or a packet sent again: the replay window of SRTP lets nothing older pass. */
const MAX_MISORDER = 1_024;

const MAX_CUMULATIVE_LOST = 0x7f_ffff;
const MIN_CUMULATIVE_LOST = -0x80_0000;

/**
 * Receiver report values of one incoming stream: loss and jitter by RFC 3550 appendices A.1, A.3 and A.8. The
 * probation of A.1 is left out, which keeps stray packets from looking like a source: SRTP has authenticated these.
 * Padding counts, as it has sequence numbers. A packet that is sent again counts if it comes in this stream, and not if it comes in a
 * retransmission stream, which has statistics of its own.
 */
export class ReceiveStatistics {
  readonly #clockRate: number;
  #received = 0;
  #baseSequence = 0;
  #highestSequence = 0;
  #cycles = 0;
  /** Next sequence number of the stream if the packet that jumped was a restart. */
  #restartSequence = -1;
  /** Timestamp of the packet that `#transitTicks` is about. */
  #timestamp = 0;
  #transitTicks = 0;
  #jitterTicks = 0;
  #priorExpected = 0;
  #priorReceived = 0;
  #lastSenderReport = 0;
  #lastSenderReportMs = 0;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** Interarrival jitter in timestamp ticks. */
  get jitterTicks(): number {
    return this.#jitterTicks;
  }

  get jitterMs(): number {
    return (this.#jitterTicks * 1000) / this.#clockRate;
  }

  /** Packets since the stream's (re)start. */
  get received(): number {
    return this.#received;
  }

  /** Packets missing since then; less than zero if there are more copies than losses. */
  get lost(): number {
    return this.#expected - this.#received;
  }

  receive(sequenceNumber: number, timestamp: number, nowMs: number): void {
    if (this.#received === 0) this.#restart(sequenceNumber);
    else if (!this.#advance(sequenceNumber)) return;
    // As in libwebrtc: what comes late was lost, and the packets of one frame leave when the pacer lets them.
    const isOnTime = sequenceNumber === this.#highestSequence;
    if (this.#received === 0 || (isOnTime && timestamp !== this.#timestamp)) this.#updateJitter(timestamp, nowMs);
    this.#received++;
  }

  /** A sender report of this stream came; `ntpMiddle32` is of the NTP timestamp in it. */
  receiveSenderReport(ntpMiddle32: number, nowMs: number): void {
    this.#lastSenderReport = ntpMiddle32;
    this.#lastSenderReportMs = nowMs;
  }

  /** The block for the next report; the fraction lost is that since the last call. */
  report(ssrc: number, nowMs: number): ReportBlock {
    const expected = this.#expected;
    const expectedInterval = expected - this.#priorExpected;
    const lostInterval = expectedInterval - (this.#received - this.#priorReceived);
    this.#priorExpected = expected;
    this.#priorReceived = this.#received;

    const hasSenderReport = this.#lastSenderReport !== 0;
    return {
      ssrc,
      fractionLost: lostInterval > 0 ? Math.min(255, Math.floor((lostInterval * 256) / expectedInterval)) : 0,
      cumulativeLost: Math.max(MIN_CUMULATIVE_LOST, Math.min(MAX_CUMULATIVE_LOST, expected - this.#received)),
      extendedHighestSequence: this.#extendedHighestSequence >>> 0,
      jitterTicks: Math.floor(this.#jitterTicks),
      lastSenderReport: this.#lastSenderReport,
      delaySinceLastSenderReport: hasSenderReport ? toShortNtp(nowMs - this.#lastSenderReportMs) : 0,
    };
  }

  get #extendedHighestSequence(): number {
    return this.#cycles + this.#highestSequence;
  }

  get #expected(): number {
    return this.#received === 0 ? 0 : this.#extendedHighestSequence - this.#baseSequence + 1;
  }

  #restart(sequenceNumber: number): void {
    this.#baseSequence = sequenceNumber;
    this.#highestSequence = sequenceNumber;
    this.#cycles = 0;
    this.#restartSequence = -1;
    this.#received = 0;
    this.#priorExpected = 0;
    this.#priorReceived = 0;
    this.#jitterTicks = 0;
  }

  /** False for a packet that does not fit in; two in a row that fit each other are a new start. */
  #advance(sequenceNumber: number): boolean {
    const ahead = (sequenceNumber - this.#highestSequence) & 0xffff;
    if (ahead < MAX_DROPOUT) {
      if (sequenceNumber < this.#highestSequence) this.#cycles += CYCLE;
      this.#highestSequence = sequenceNumber;
      return true;
    }
    if (ahead >= CYCLE - MAX_MISORDER) return true;
    if (sequenceNumber === this.#restartSequence) {
      this.#restart(sequenceNumber);
      return true;
    }
    this.#restartSequence = (sequenceNumber + 1) & 0xffff;
    return false;
  }

  /** Smoothed difference of relative transit times, gain 1/16 (RFC 3550 section 6.4.1). */
  #updateJitter(timestamp: number, nowMs: number): void {
    const arrivalTicks = Math.round((nowMs * this.#clockRate) / 1000);
    const transitTicks = (arrivalTicks - timestamp) | 0;
    if (this.#received > 0) {
      const difference = Math.abs(timestampDelta(transitTicks, this.#transitTicks));
      this.#jitterTicks += (difference - this.#jitterTicks) / 16;
    }
    this.#transitTicks = transitTicks;
    this.#timestamp = timestamp;
  }
}
