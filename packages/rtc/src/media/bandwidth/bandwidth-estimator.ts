import { visitTransportCc } from '../../rtcp/transport-cc.ts';
import { BitrateMeter } from '../bitrate-meter.ts';
import { DelayTrend } from './delay-trend.ts';
import { LossModel } from './loss-model.ts';
import { type Probe, ProbeController } from './probe-controller.ts';
import { ProbeMeter } from './probe-meter.ts';
import { QueueDelay } from './queue-delay.ts';
import { RateControl } from './rate-control.ts';
import { SentPackets } from './sent-packets.ts';

/** A camera or the lower encoding of a screen with some room; from here, the upper one of a screen is in reach after ten seconds. */
const START_BPS = 1_000_000;
const MIN_BPS = 50_000;
const MAX_BPS = 15_000_000;
const ACKED_WINDOW_MS = 350;
const LATELY_MS = 150;
/** Bound on growth, in terms of the rate that arrives, of an estimate that has probes: it grows further only if a probe shows more to pass. */
const UNPROVEN_SCALE = 1.5;
/** Bound on growth without probes, if less arrives. */
const UNPROBED_BPS = 3_750_000;
/** Time in which a change of the rate shows, beyond the round trip: feedback is collected, and rates are measured over a while. */
const REACTION_MS = 150;
const START_ROUND_TRIP_MS = 100;
const MAX_ROUND_TRIP_MS = 2_000;
/** A receiver's clock that jumps by more has restarted. */
const MAX_JUMP_MS = 3_000;
/** Shares of lost packets in receiver reports: below the first, growth continues; above the second, the rate is lowered. */
const LOSS_HOLDS = 0.02;
const LOSS_LOWERS = 0.1;
const GROWTH_PER_SECOND = 1.08;
/** No probe is sent into a queue of this. */
const PROBE_QUEUE_MS = 10;
/** Time without feedback after which the queue is no longer known. */
const QUEUE_KNOWN_MS = 1_000;
/** For so long, a receiver's own estimate (REMB) is an upper bound. libwebrtc sends one at least each second. */
const REMB_MS = 5_000;

/**
 * Estimates what the way to one receiver carries, from its transport-cc feedback: the delay-based and loss-based control of
 * draft-ietf-rmcat-gcc-02, and probes. Unless probes are sent, it grows while less is sent than the estimate, too: a receiver is
 * tried with a better encoding. Without transport-cc, receiver reports and the receiver's own estimate (REMB) are taken.
 */
export class BandwidthEstimator {
  readonly #control = new RateControl(START_BPS);
  /** From the first packet on: receivers of voice alone need none. */
  #sent: SentPackets | undefined;
  readonly #probes = new ProbeController();
  readonly #probeMeter = new ProbeMeter();
  /** Index of the last packet of a probe, until its result is taken. */
  #probeEnd = 0;
  #sendsProbes = false;
  /** Rate that a probe has shown to pass, since the estimate was lowered last. */
  #provenBps = 0;
  #rembBps = Number.POSITIVE_INFINITY;
  #rembMs = Number.NEGATIVE_INFINITY;
  readonly #acked = new BitrateMeter(ACKED_WINDOW_MS);
  readonly #sentRate = new BitrateMeter(ACKED_WINDOW_MS);
  readonly #ackedLately = new BitrateMeter(LATELY_MS);
  readonly #trend = new DelayTrend();
  readonly #queue = new QueueDelay();
  readonly #loss = new LossModel();
  #hasFeedback = false;
  #feedbackMs = 0;
  #isMeasured = false;
  #lastArrivalMs = 0;
  #lastDelayMs = 0;
  /** Time of departure of the packet that the present feedback reported last, 0 if it has reported none as arrived. */
  #lastSentMs = 0;
  #roundTripMs = START_ROUND_TRIP_MS;
  #highestReported = -1;
  #reportedMs = 0;
  readonly #visit = (sequenceNumber: number, arrivalMs: number | undefined) => this.#report(sequenceNumber, arrivalMs);

  /** Bits per second, headers included. */
  get bps(): number {
    return clamp(Math.min(this.#control.bps, this.#loss.capacityBps));
  }

  /** Time from the departure of a packet to its feedback, queues included; undefined without feedback. */
  get roundTripMs(): number | undefined {
    return this.#hasFeedback ? this.#roundTripMs : undefined;
  }

  /** The receiver has reported how packets arrive, or an estimate of its own: until then, the estimate is a guess. */
  get isMeasured(): boolean {
    return this.#isMeasured;
  }

  /**
   * Takes note of a packet that is about to be sent, and returns its transport-wide sequence number. All that is sent while a probe
   * continues belongs to it, media and padding alike.
   */
  sent(payloadBytes: number, nowMs: number, probe = 0): number {
    this.#sent ??= new SentPackets();
    const sequenceNumber = this.#sent.add(payloadBytes, nowMs, probe);
    this.#sentRate.add(this.#sent.sizeBytes(this.#sent.lastIndex), nowMs);
    if (probe !== 0) {
      this.#probeEnd = this.#sent.lastIndex;
      this.#sendsProbes = true;
    }
    return sequenceNumber;
  }

  /**
   * Returns a probe that is to be sent now, or undefined. `wantedBps` is the rate that could be put to use. To be asked after each
   * feedback, and whenever more becomes wanted.
   */
  nextProbe(wantedBps: number, nowMs: number): Probe | undefined {
    if (!this.#hasFeedback) return undefined;
    const isQueued = nowMs - this.#feedbackMs < QUEUE_KNOWN_MS && this.#queue.ms > PROBE_QUEUE_MS;
    const isCongested = isQueued || this.#loss.capacityBps < this.#control.bps;
    return this.#probes.next(
      { estimateBps: this.bps, wantedBps: Math.min(wantedBps, MAX_BPS), isCongested, jitterMs: this.#queue.jitterMs },
      nowMs,
    );
  }

  /** Takes a transport-cc feedback packet. Returns false if it is malformed. */
  receiveFeedback(packet: Buffer, nowMs: number): boolean {
    if (!visitTransportCc(packet, this.#visit)) return false;
    this.#hasFeedback = true;
    this.#isMeasured = true;
    this.#feedbackMs = nowMs;
    if (this.#lastSentMs > 0) this.#roundTripMs = Math.min(MAX_ROUND_TRIP_MS, nowMs - this.#lastSentMs);
    this.#lastSentMs = 0;
    this.#update(nowMs);
    return true;
  }

  /** Takes the receiver's own estimate (REMB): an upper bound, and the estimate itself if there is no transport-cc feedback. */
  receiveRemb(bitrateBps: number, nowMs: number): void {
    this.#rembBps = bitrateBps;
    this.#rembMs = nowMs;
    this.#isMeasured = true;
    if (!this.#hasFeedback) this.#control.raiseTo(bitrateBps, nowMs);
    this.#control.limitTo(bitrateBps);
  }

  /**
   * Takes the share of packets that a receiver report (RFC 3550) has as lost, if there is no transport-cc feedback
   * (draft-ietf-rmcat-gcc-02 section 6).
   */
  receiveLoss(fraction: number, nowMs: number): void {
    if (this.#hasFeedback) return;
    const { bps } = this;
    const seconds = Math.min(1_000, nowMs - this.#reportedMs) / 1_000;
    if (fraction > LOSS_LOWERS) {
      this.#isMeasured = true;
      this.#control.limitTo(bps * (1 - fraction / 2));
    } else if (fraction < LOSS_HOLDS)
      this.#control.raiseTo(Math.min(bps * GROWTH_PER_SECOND ** seconds, this.#boundBps(nowMs)), nowMs);
    this.#reportedMs = nowMs;
  }

  #report(sequenceNumber: number, arrivalMs: number | undefined): void {
    const sent = this.#sent;
    const index = sent?.find(sequenceNumber) ?? -1;
    if (!sent || index < 0) return;
    const sizeBytes = sent.sizeBytes(index);
    const sentMs = sent.sentMs(index);
    // A report may reach back over packets that an earlier one reported as lost.
    const isNew = index > this.#highestReported;
    if (isNew) {
      this.#highestReported = index;
      this.#loss.add(sizeBytes, sentMs, arrivalMs === undefined);
    } else if (arrivalMs !== undefined) {
      this.#loss.cameLate();
    }
    if (arrivalMs === undefined) return;
    sent.forget(index);
    this.#arrived(sizeBytes, sentMs, arrivalMs, sent.probe(index));
  }

  #arrived(sizeBytes: number, sentMs: number, arrivalMs: number, probe: number): void {
    if (Math.abs(arrivalMs - sentMs - this.#lastDelayMs) > MAX_JUMP_MS) {
      this.#trend.reset();
      this.#queue.reset();
      this.#acked.reset();
      this.#ackedLately.reset();
      this.#lastArrivalMs = 0;
    }
    this.#lastDelayMs = arrivalMs - sentMs;
    this.#lastSentMs = sentMs;
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, arrivalMs);
    this.#acked.add(sizeBytes, this.#lastArrivalMs);
    this.#ackedLately.add(sizeBytes, this.#lastArrivalMs);
    this.#trend.arrived(sentMs, arrivalMs);
    this.#queue.arrived(sizeBytes, sentMs, arrivalMs);
    if (probe !== 0) this.#probeMeter.arrived(probe, sizeBytes, sentMs, arrivalMs);
  }

  #update(nowMs: number): void {
    const fromBps = this.bps;
    this.#takeProbe(nowMs);
    const hasLowered = this.#control.update(
      {
        ackedBps: this.#acked.bitrateBps(this.#lastArrivalMs),
        ackedLatelyBps: this.#ackedLately.bitrateBps(this.#lastArrivalMs),
        sentBps: this.#sentRate.bitrateBps(nowMs),
        trend: this.#trend.trend,
        queuedMs: this.#queue.ms,
        jitterMs: this.#queue.jitterMs,
        reactionMs: this.#roundTripMs + REACTION_MS,
        boundBps: this.#boundBps(nowMs),
      },
      nowMs,
    );
    if (hasLowered && this.#control.isFutile) this.#queue.rebase();
    // Packets that a full queue dropped are part of the same congestion, which the decrease answers.
    if (hasLowered) this.#loss.reset();
    else this.#loss.update(this.#control.bps);
    if (this.bps < fromBps) {
      this.#provenBps = 0;
      // The result of a probe in flight is outdated.
      this.#probeEnd = 0;
      this.#probes.lowered(fromBps, this.bps, nowMs);
    }
  }

  /** Returns what the estimate may grow to. */
  #boundBps(nowMs: number): number {
    const rembBps = nowMs - this.#rembMs < REMB_MS ? this.#rembBps : MAX_BPS;
    // Growth that loss forbids would have to be undone when it no longer does.
    const lossBps = UNPROVEN_SCALE * this.#loss.capacityBps;
    const shownBps = UNPROVEN_SCALE * this.#acked.bitrateBps(this.#lastArrivalMs);
    const provenBps = this.#sendsProbes ? this.#provenBps : UNPROBED_BPS;
    return Math.min(rembBps, lossBps, Math.max(shownBps, provenBps), MAX_BPS);
  }

  /** Takes the result of a probe once all its packets were reported. */
  #takeProbe(nowMs: number): void {
    if (this.#probeEnd === 0 || this.#highestReported < this.#probeEnd) return;
    this.#probeEnd = 0;
    const measuredBps = Math.min(this.#probeMeter.bps ?? 0, MAX_BPS);
    this.#probes.measured(this.#probeMeter.id, this.bps, measuredBps, nowMs);
    this.#provenBps = Math.max(this.#provenBps, measuredBps);
    this.#control.raiseTo(measuredBps, nowMs);
  }
}

const clamp = (bitrateBps: number): number => Math.min(MAX_BPS, Math.max(MIN_BPS, bitrateBps));
