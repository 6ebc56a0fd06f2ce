import { visitTransportCc } from '../../rtcp/transport-cc.ts';
import { BitrateMeter } from '../bitrate-meter.ts';
import { DelayTrend } from './delay-trend.ts';
import { type Probe, ProbeController } from './probe-controller.ts';
import { ProbeMeter } from './probe-meter.ts';
import { SentPackets } from './sent-packets.ts';

/** A camera or the lower encoding of a screen with some room; from here, the upper one of a screen is in reach after ten seconds. */
const START_BPS = 1_000_000;
const MIN_BPS = 250_000;
const MAX_BPS = 3_750_000;
const ACKED_WINDOW_MS = 500;
/** From 0.5 to 3 Mbit/s in eight seconds. libwebrtc grows by 8 percent and sends probes; nothing is sent to probe here. */
const GROWTH_PER_SECOND = 1.25;
/** Bound on growth, in terms of the rate that arrives, of an estimate that has probes: it grows further only if a probe shows more to pass. */
const UNPROVEN_SCALE = 1.5;
/** Growth from the rate that was lowered to up to `NEAR_CEILING` of it. Above, the path has widened, and the ceiling is forgotten. */
const CAUTIOUS_GROWTH_PER_SECOND = 1.03;
const NEAR_CEILING = 1.3;
/** Share of the rate that arrived that is left after a queue has built up. */
const BACK_OFF = 0.85;
/** Time for a decrease to show in the feedback. */
const REACTION_MS = 300;
/** Shares of lost packets: below the first, growth goes on; above the second, the rate is lowered (draft-ietf-rmcat-gcc-02 section 6). */
const LOSS_HOLDS = 0.02;
const LOSS_LOWERS = 0.1;
const LOSS_PACKETS = 20;
/** Weight of each further `LOSS_PACKETS`. Alone, three lost packets of twenty would be seen often where one of twenty is lost. */
const LOSS_WEIGHT = 0.25;
/** For so long, a receiver's own estimate (REMB) is an upper bound. libwebrtc sends one at least each second. */
const REMB_MS = 5_000;

/**
 * Estimates what the way to one receiver carries, from its transport-cc feedback: the delay-based and loss-based control of
 * draft-ietf-rmcat-gcc-02, and probes. Unless probes are sent, it grows while less is sent than the estimate, too: a receiver is
 * tried with a better encoding. Without transport-cc, receiver reports and the receiver's own estimate (REMB) are taken.
 */
export class BandwidthEstimator {
  #bps = START_BPS;
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
  readonly #trend = new DelayTrend();
  #hasFeedback = false;
  #isMeasured = false;
  #lastArrivalMs = 0;
  #highestReported = -1;
  #arrived = 0;
  #lost = 0;
  #lossRatio = 0;
  #updatedMs = 0;
  #loweredMs = Number.NEGATIVE_INFINITY;
  #ceilingBps = Number.POSITIVE_INFINITY;
  readonly #visit = (sequenceNumber: number, arrivalMs: number | undefined) => this.#report(sequenceNumber, arrivalMs);

  /** Bits per second, headers included. */
  get bps(): number {
    return this.#bps;
  }

  /** The receiver has reported how packets arrive, or an estimate of its own: until then, the estimate is a guess. */
  get isMeasured(): boolean {
    return this.#isMeasured;
  }

  /**
   * Takes note of a packet that is about to be sent, and returns its transport-wide sequence number. All that is sent while a probe
   * goes on belongs to it, media and padding alike.
   */
  sent(payloadBytes: number, nowMs: number, probe = 0): number {
    this.#sent ??= new SentPackets();
    const sequenceNumber = this.#sent.add(payloadBytes, nowMs, probe);
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
    const isCongested = this.#trend.trend === 'growing' || this.#lossRatio > LOSS_LOWERS;
    return this.#probes.next({ estimateBps: this.#bps, wantedBps: Math.min(wantedBps, MAX_BPS), isCongested }, nowMs);
  }

  /** Takes a transport-cc feedback packet. Returns false if it is malformed. */
  receiveFeedback(packet: Buffer, nowMs: number): boolean {
    if (!visitTransportCc(packet, this.#visit)) return false;
    if (!this.#hasFeedback) this.#updatedMs = nowMs;
    this.#hasFeedback = true;
    this.#isMeasured = true;
    if (this.#arrived + this.#lost >= LOSS_PACKETS) {
      this.#lossRatio += LOSS_WEIGHT * (this.#lost / (this.#arrived + this.#lost) - this.#lossRatio);
      this.#arrived = 0;
      this.#lost = 0;
    }
    this.#update(nowMs);
    return true;
  }

  /** Takes the receiver's own estimate (REMB): an upper bound, and the estimate itself if there is no transport-cc feedback. */
  receiveRemb(bitrateBps: number, nowMs: number): void {
    this.#rembBps = bitrateBps;
    this.#rembMs = nowMs;
    this.#isMeasured = true;
    if (!this.#hasFeedback || bitrateBps < this.#bps) this.#bps = clamp(bitrateBps);
  }

  /**
   * Takes the share of packets that a receiver report (RFC 3550) has as lost. It counts only if there is no transport-cc
   * feedback. REMB bounds it.
   */
  receiveLoss(fraction: number, nowMs: number): void {
    if (this.#hasFeedback) return;
    if (fraction > LOSS_LOWERS) {
      this.#isMeasured = true;
      this.#lowerTo(this.#bps * (1 - fraction / 2), nowMs);
    } else if (fraction < LOSS_HOLDS) this.#grow(nowMs - this.#updatedMs, nowMs);
    this.#updatedMs = nowMs;
  }

  #report(sequenceNumber: number, arrivalMs: number | undefined): void {
    const sent = this.#sent;
    const index = sent?.find(sequenceNumber) ?? -1;
    if (!sent || index < 0) return;
    // A report may reach back over packets that an earlier one reported as lost.
    const isNew = index > this.#highestReported;
    if (isNew) this.#highestReported = index;
    if (arrivalMs === undefined) {
      if (isNew) this.#lost++;
      return;
    }
    this.#arrived++;
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, arrivalMs);
    const sizeBytes = sent.sizeBytes(index);
    const sentMs = sent.sentMs(index);
    this.#acked.add(sizeBytes, this.#lastArrivalMs);
    const probe = sent.probe(index);
    if (probe !== 0) this.#probeMeter.arrived(probe, sizeBytes, sentMs, arrivalMs);
    sent.forget(index);
    this.#trend.arrived(sentMs, arrivalMs);
  }

  #update(nowMs: number): void {
    const elapsedMs = nowMs - this.#updatedMs;
    this.#updatedMs = nowMs;
    this.#takeProbe();
    const mayLower = nowMs - this.#loweredMs > REACTION_MS;
    if (this.#trend.trend === 'growing') {
      // Packets that the queue dropped are part of the same congestion, which this decrease answers.
      this.#lossRatio = 0;
      if (mayLower) this.#lowerTo(BACK_OFF * this.#acked.bitrateBps(this.#lastArrivalMs), nowMs);
    } else if (this.#lossRatio > LOSS_LOWERS) {
      if (mayLower) this.#lowerTo(this.#bps * (1 - this.#lossRatio / 2), nowMs);
    } else if (this.#lossRatio < LOSS_HOLDS && this.#trend.trend === 'steady') {
      this.#grow(elapsedMs, nowMs);
    }
  }

  #grow(elapsedMs: number, nowMs: number): void {
    const grown = this.#bps * this.#growthPerSecond() ** (Math.min(1_000, elapsedMs) / 1_000);
    const rembBps = nowMs - this.#rembMs < REMB_MS ? this.#rembBps : Number.POSITIVE_INFINITY;
    const bounded = Math.min(grown, this.#provenBoundBps(), rembBps);
    if (bounded > this.#bps) this.#bps = clamp(bounded);
  }

  #provenBoundBps(): number {
    if (!this.#sendsProbes) return Number.POSITIVE_INFINITY;
    return Math.max(this.#provenBps, UNPROVEN_SCALE * this.#acked.bitrateBps(this.#lastArrivalMs));
  }

  /** Takes the result of a probe once all its packets were reported. */
  #takeProbe(): void {
    if (this.#probeEnd === 0 || this.#highestReported < this.#probeEnd) return;
    this.#probeEnd = 0;
    const measuredBps = this.#probeMeter.bps ?? 0;
    this.#probes.measured(this.#probeMeter.id, this.#bps, measuredBps);
    if (measuredBps <= this.#bps || this.#trend.trend === 'growing') return;
    this.#bps = clamp(measuredBps);
    this.#provenBps = this.#bps;
    if (this.#bps > this.#ceilingBps) this.#ceilingBps = Number.POSITIVE_INFINITY;
  }

  #lowerTo(bitrateBps: number, nowMs: number): void {
    if (bitrateBps >= this.#bps) return;
    this.#probes.lowered(this.#bps, bitrateBps, nowMs);
    this.#provenBps = 0;
    this.#ceilingBps = bitrateBps;
    this.#loweredMs = nowMs;
    this.#bps = clamp(bitrateBps);
  }

  #growthPerSecond(): number {
    if (this.#bps > NEAR_CEILING * this.#ceilingBps) this.#ceilingBps = Number.POSITIVE_INFINITY;
    return this.#bps >= this.#ceilingBps ? CAUTIOUS_GROWTH_PER_SECOND : GROWTH_PER_SECOND;
  }
}

const clamp = (bitrateBps: number): number => Math.min(MAX_BPS, Math.max(MIN_BPS, bitrateBps));
