import type { QueueTrend } from './delay-trend.ts';

/** Observations of the path at one moment. */
export interface PathState {
  /** Rate that arrives, in bits per second. */
  readonly ackedBps: number;
  /** The same over a shorter time, less exact. */
  readonly ackedLatelyBps: number;
  /** Rate that is sent. */
  readonly sentBps: number;
  readonly trend: QueueTrend;
  /** Time in queues on the way. */
  readonly queuedMs: number;
  /** Jitter that `queuedMs` still has. */
  readonly jitterMs: number;
  /** Time for a change of the rate to show in feedback. */
  readonly reactionMs: number;
  /** Upper bound on growth: more has not been shown to pass. */
  readonly boundBps: number;
}

/** Delays that grow and are still less than this are jitter. */
const LEAST_QUEUE_MS = 5;
/** Queue with which the rate no longer grows, and queue with which it is lowered although the queue does not grow. */
const HOLD_MS = 8;
const STANDING_MS = 35;
/** Time after a raise in which a queue means that the raise was wrong. */
const PROVING_MS = 1_000;
/** A decrease leaves room to empty the queue in this time, within bounds. */
const DRAIN_MS = 400;
const LEAST_BACK_OFF = 0.1;
const MOST_BACK_OFF = 0.4;
const LEAST_OF_ACKED = 0.73;
/** Growth per second is for paths that show a change after this time. */
const USUAL_REACTION_MS = 300;
/** Growth per second far from the rate that the path carried at the last decrease. */
const GROWTH = 1.25;
/** The same on the way back to it. */
const RECOVERY = 1.5;
/** Growth near that rate, in bits per second and second: the same for all flows, which makes their shares of a path alike. */
const CAUTIOUS_BPS = 40_000;
const CAUTIOUS_SHARE = 0.05;
const NEAR = 0.93;
/** A rate that is so far beyond is no longer near. */
const FAR = 1.25;
/** The growth is put to use if at least this share of the rate arrives. */
const USED = 0.9;
/** Much less than the rate is sent if it is below this share. */
const UNUSED = 0.6;
const ARRIVES = 0.8;
/** Growth per second near that rate, if it is not put to use. */
const UNUSED_GROWTH = 1.019;
/** Beyond that rate and without a queue, growth gets faster each second: the path has widened. */
const ACCELERATION = 0.08;
const MAX_SHARE = 0.5;
/** Weight of a new measurement of what the path carries, unless it differs by more than this share. */
const CEILING_WEIGHT = 0.4;
const CEILING_CHANGE = 0.3;
const NO_CEILING_BPS = 1e12;

/** Decreases in a row, each with time to show, that leave so much of the queue: the path has got longer, or the queue is that of others. */
const FUTILE_DECREASES = 3;
const FUTILE_SHARE = 0.8;
/** Multiple of the rate: if more arrives, what is sent does not follow the rate. */
const FOLLOWED = 1.15;

/** Raises and lowers a rate by the delay on the path: additive increase near what the path carried last, multiplicative decrease. */
export class RateControl {
  #bps: number;
  /** Rate that the path carried at the last decrease. */
  #ceilingBps = NO_CEILING_BPS;
  #updatedMs = Number.NaN;
  #loweredMs = Number.NEGATIVE_INFINITY;
  #loweredQueueMs = 0;
  #raisedMs = Number.NEGATIVE_INFINITY;
  #raisedFromBps = 0;
  /** For so long the rate has grown beyond the ceiling. */
  #beyondMs = 0;
  #futileDecreases = 0;

  constructor(bps: number) {
    this.#bps = bps;
  }

  get bps(): number {
    return this.#bps;
  }

  /** The delay does not depend on the rate: it is none of a queue of ours. */
  get isFutile(): boolean {
    return this.#futileDecreases > FUTILE_DECREASES;
  }

  /** Follows the path. Returns true if the rate was lowered. */
  update(path: PathState, nowMs: number): boolean {
    const elapsedMs = Math.min(1_000, nowMs - this.#updatedMs || 0);
    this.#updatedMs = nowMs;
    const queuedMs = path.queuedMs - path.jitterMs;
    const isOverused = queuedMs > STANDING_MS || (path.trend === 'growing' && queuedMs > LEAST_QUEUE_MS);
    if (isOverused) return this.#lower(path, nowMs);
    if (queuedMs > HOLD_MS && nowMs - this.#raisedMs < PROVING_MS) return this.#undo(path, nowMs);
    if (queuedMs < HOLD_MS && nowMs - this.#loweredMs > path.reactionMs) {
      // Growth that shows later is slower, so that it does not go further beyond the capacity.
      this.#grow((elapsedMs / 1_000) * Math.min(1, USUAL_REACTION_MS / path.reactionMs), path);
    } else {
      this.#beyondMs = 0;
    }
    return false;
  }

  /** Takes a rate that was shown to pass. */
  raiseTo(bps: number, nowMs: number): void {
    if (bps <= this.#bps) return;
    this.#raisedMs = nowMs;
    this.#raisedFromBps = this.#bps;
    this.#bps = bps;
    if (this.#bps > this.#ceilingBps) this.#ceilingBps = NO_CEILING_BPS;
  }

  /** Takes an upper bound that another measure has found. */
  limitTo(bps: number): void {
    this.#bps = Math.min(this.#bps, bps);
  }

  #undo({ ackedBps }: PathState, nowMs: number): boolean {
    this.#raisedMs = Number.NEGATIVE_INFINITY;
    this.#loweredMs = nowMs;
    this.#ceilingBps = ackedBps;
    this.#bps = Math.min(this.#bps, Math.max(this.#raisedFromBps, (1 - LEAST_BACK_OFF) * ackedBps));
    return true;
  }

  #lower({ queuedMs, reactionMs, ...path }: PathState, nowMs: number): boolean {
    this.#beyondMs = 0;
    // A decrease takes a round trip to show. A queue that grows by far in that time shows that it was not enough.
    if (nowMs - this.#loweredMs < reactionMs && queuedMs < this.#loweredQueueMs + STANDING_MS) return false;
    // A long queue builds up when the path has narrowed: the rate of a while ago is not what it carries.
    const ackedBps = queuedMs > STANDING_MS ? Math.min(path.ackedBps, path.ackedLatelyBps) : path.ackedBps;
    const backOff = Math.min(MOST_BACK_OFF, Math.max(LEAST_BACK_OFF, queuedMs / DRAIN_MS));
    // A sender that cannot send less than this does not drive its estimate down further.
    // While little is sent, and arrives, the queue is that of others.
    const isUnused = path.sentBps < UNUSED * this.#bps && path.ackedBps > ARRIVES * path.sentBps;
    const bps = isUnused
      ? path.sentBps
      : Math.max((1 - backOff) * Math.min(ackedBps, this.#bps), LEAST_OF_ACKED * ackedBps);
    const isFutile =
      queuedMs > STANDING_MS && queuedMs > FUTILE_SHARE * this.#loweredQueueMs && path.ackedBps < FOLLOWED * this.#bps;
    this.#futileDecreases = isFutile && !this.isFutile ? this.#futileDecreases + 1 : 0;
    this.#loweredMs = nowMs;
    this.#loweredQueueMs = queuedMs;
    const differenceBps = ackedBps - this.#ceilingBps;
    this.#ceilingBps +=
      (Math.abs(differenceBps) < CEILING_CHANGE * this.#ceilingBps ? CEILING_WEIGHT : 1) * differenceBps;
    this.#bps = Math.min(this.#bps, bps);
    return true;
  }

  #grow(seconds: number, { ackedBps, boundBps }: PathState): void {
    const bps = this.#bps;
    if (bps > FAR * this.#ceilingBps) this.#ceilingBps = NO_CEILING_BPS;
    let grownBps: number;
    if (this.#ceilingBps === NO_CEILING_BPS) {
      grownBps = bps * GROWTH ** seconds;
    } else if (bps < NEAR * this.#ceilingBps) {
      grownBps = Math.min(bps * RECOVERY ** seconds, this.#ceilingBps);
    } else if (ackedBps < USED * bps) {
      grownBps = bps * UNUSED_GROWTH ** seconds;
    } else {
      this.#beyondMs += seconds * 1_000;
      const share = Math.min(MAX_SHARE, (ACCELERATION * this.#beyondMs) / 1_000);
      grownBps = bps + (Math.min(CAUTIOUS_BPS, CAUTIOUS_SHARE * bps) + share * bps) * seconds;
    }
    if (boundBps > bps) this.#bps = Math.min(grownBps, boundBps);
  }
}
