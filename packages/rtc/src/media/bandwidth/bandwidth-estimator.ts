import { visitTransportCc } from '../../rtcp/transport-cc.ts';
import { CYCLE, nearestIndex } from '../../rtp/sequence.ts';
import { BitrateMeter } from '../bitrate-meter.ts';
import { DelayTrend } from './delay-trend.ts';

/** A camera or the lower encoding of a screen with some room; from here, the upper one of a screen is in reach after ten seconds. */
const START_BPS = 1_000_000;
const MIN_BPS = 250_000;
const MAX_BPS = 3_750_000;
/** Packets that are remembered until their feedback comes: two seconds and more at the highest rate. */
const CAPACITY = 1_024;
/** Headers of RTP, SRTP, UDP and IP. */
const OVERHEAD_BYTES = 60;
const ACKED_WINDOW_MS = 500;
/** From 0.5 to 3 Mbit/s in eight seconds. libwebrtc grows by 8 percent and sends probes; nothing is sent to probe here. */
const GROWTH_PER_SECOND = 1.25;
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

/**
 * Estimates what the way to one receiver carries, from its transport-cc feedback: the delay-based and loss-based control of
 * draft-ietf-rmcat-gcc-02. It grows while less is sent than the estimate, too: a receiver is tried with a better encoding and
 * not with padding. Without transport-cc, the receiver's own estimate (REMB) is taken.
 */
export class BandwidthEstimator {
  #bps = START_BPS;
  /** Index of the next packet: its transport-wide sequence number, counted on over wraps. */
  #nextIndex = CYCLE;
  /** Per index modulo `CAPACITY`. A size of 0: not sent, or reported already. */
  readonly #indices = new Float64Array(CAPACITY);
  readonly #sentMs = new Float64Array(CAPACITY);
  readonly #sizes = new Uint16Array(CAPACITY);
  readonly #acked = new BitrateMeter(ACKED_WINDOW_MS);
  readonly #trend = new DelayTrend();
  #hasFeedback = false;
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

  /** Takes note of a packet that is about to be sent, and returns its transport-wide sequence number. */
  sent(payloadBytes: number, nowMs: number): number {
    const index = this.#nextIndex++;
    const place = index % CAPACITY;
    this.#indices[place] = index;
    this.#sentMs[place] = nowMs;
    this.#sizes[place] = payloadBytes + OVERHEAD_BYTES;
    return index % CYCLE;
  }

  /** Takes a transport-cc feedback packet. Returns false if it is malformed. */
  receiveFeedback(packet: Buffer, nowMs: number): boolean {
    if (!visitTransportCc(packet, this.#visit)) return false;
    if (!this.#hasFeedback) this.#updatedMs = nowMs;
    this.#hasFeedback = true;
    if (this.#arrived + this.#lost >= LOSS_PACKETS) {
      this.#lossRatio += LOSS_WEIGHT * (this.#lost / (this.#arrived + this.#lost) - this.#lossRatio);
      this.#arrived = 0;
      this.#lost = 0;
    }
    this.#update(nowMs);
    return true;
  }

  /** Takes the receiver's own estimate, which counts only if it sends no transport-cc feedback. */
  receiveRemb(bitrateBps: number): void {
    if (!this.#hasFeedback) this.#bps = clamp(bitrateBps);
  }

  #report(sequenceNumber: number, arrivalMs: number | undefined): void {
    const index = nearestIndex(sequenceNumber, this.#nextIndex);
    const place = index % CAPACITY;
    if (index < 0 || this.#indices[place] !== index || this.#sizes[place] === 0) return;
    // A report may reach back over packets that an earlier one reported as lost.
    const isNew = index > this.#highestReported;
    if (isNew) this.#highestReported = index;
    if (arrivalMs === undefined) {
      if (isNew) this.#lost++;
      return;
    }
    this.#arrived++;
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, arrivalMs);
    this.#acked.add(this.#sizes[place]!, this.#lastArrivalMs);
    this.#sizes[place] = 0;
    this.#trend.arrived(this.#sentMs[place]!, arrivalMs);
  }

  #update(nowMs: number): void {
    const elapsedMs = Math.min(1_000, nowMs - this.#updatedMs);
    this.#updatedMs = nowMs;
    const mayLower = nowMs - this.#loweredMs > REACTION_MS;
    if (this.#trend.trend === 'growing') {
      // Packets that the queue dropped are part of the same congestion, which this decrease answers.
      this.#lossRatio = 0;
      if (mayLower) this.#lowerTo(BACK_OFF * this.#acked.bitrateBps(this.#lastArrivalMs), nowMs);
    } else if (this.#lossRatio > LOSS_LOWERS) {
      if (mayLower) this.#lowerTo(this.#bps * (1 - this.#lossRatio / 2), nowMs);
    } else if (this.#lossRatio < LOSS_HOLDS && this.#trend.trend === 'steady') {
      this.#bps = clamp(this.#bps * this.#growthPerSecond() ** (elapsedMs / 1_000));
    }
  }

  #lowerTo(bitrateBps: number, nowMs: number): void {
    if (bitrateBps >= this.#bps) return;
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
