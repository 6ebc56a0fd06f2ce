/** Packets that leave within this time are taken together: a sender hands a frame over as a burst. */
const BURST_MS = 5;
/** Packets that arrive together, and sooner than they were sent apart, waited for the same one: they are one group for at most so long. */
const MAX_BURST_MS = 100;
/** Groups of packets that the trend is drawn through. */
const WINDOW = 20;
const SMOOTHING = 0.9;
const GAIN = 4;
const MAX_GROUPS_COUNTED = 60;
/** Bounds and speeds of the threshold (draft-ietf-rmcat-gcc-02 section 5.4). It follows slowly upwards, so that other traffic does not starve ours. */
const THRESHOLD_START_MS = 12.5;
const THRESHOLD_MIN_MS = 6;
const THRESHOLD_MAX_MS = 600;
const THRESHOLD_UP = 0.0087;
const THRESHOLD_DOWN = 0.039;
const THRESHOLD_OUTLIER_MS = 15;
/** For so long the trend must be above the threshold. */
const OVERUSE_MS = 10;

/** Development of the queues on the way to a receiver: they grow, empty, or stay as they are. */
export type QueueTrend = 'growing' | 'emptying' | 'steady';

/** Packets that are taken together. */
class Group {
  isEmpty = true;
  firstSentMs = 0;
  lastSentMs = 0;
  firstArrivalMs = 0;
  lastArrivalMs = 0;

  begin(sentMs: number, arrivalMs: number): void {
    this.isEmpty = false;
    this.firstSentMs = this.lastSentMs = sentMs;
    this.firstArrivalMs = this.lastArrivalMs = arrivalMs;
  }

  add(sentMs: number, arrivalMs: number): void {
    this.lastSentMs = Math.max(this.lastSentMs, sentMs);
    this.lastArrivalMs = Math.max(this.lastArrivalMs, arrivalMs);
  }

  includes(sentMs: number, arrivalMs: number): boolean {
    if (sentMs - this.firstSentMs <= BURST_MS) return true;
    const arrivalDeltaMs = arrivalMs - this.lastArrivalMs;
    return (
      arrivalDeltaMs <= BURST_MS &&
      arrivalDeltaMs < sentMs - this.lastSentMs &&
      arrivalMs - this.firstArrivalMs < MAX_BURST_MS
    );
  }
}

/** Tells from the times at which packets leave and arrive whether a queue builds up on the way (draft-ietf-rmcat-gcc-02 section 5). */
export class DelayTrend {
  #current = new Group();
  #previous = new Group();
  #accumulatedMs = 0;
  #smoothedMs = 0;
  /** Groups so far: their times of arrival, and their delays beyond that of the first one, are kept modulo `WINDOW`. */
  #groups = 0;
  readonly #arrivalsMs = new Float64Array(WINDOW);
  readonly #delaysMs = new Float64Array(WINDOW);
  #thresholdMs = THRESHOLD_START_MS;
  #updatedMs = 0;
  #aboveMs = -1;
  #aboveCount = 0;
  #lastTrendMs = 0;
  #trend: QueueTrend = 'steady';

  get trend(): QueueTrend {
    return this.#trend;
  }

  /** Takes note of a packet, in the order of departure. `arrivalMs` is on the receiver's clock. */
  arrived(sentMs: number, arrivalMs: number): void {
    const group = this.#current;
    if (group.isEmpty) {
      group.begin(sentMs, arrivalMs);
    } else if (group.includes(sentMs, arrivalMs)) {
      group.add(sentMs, arrivalMs);
    } else {
      const previous = this.#previous;
      if (!previous.isEmpty) this.#add(previous, group);
      previous.begin(sentMs, arrivalMs);
      this.#previous = group;
      this.#current = previous;
    }
  }

  /** The receiver's clock has restarted. */
  reset(): void {
    this.#current.isEmpty = true;
    this.#previous.isEmpty = true;
    this.#groups = 0;
    this.#trend = 'steady';
  }

  #add(previous: Group, group: Group): void {
    const sentDeltaMs = group.lastSentMs - previous.lastSentMs;
    this.#accumulatedMs += group.lastArrivalMs - previous.lastArrivalMs - sentDeltaMs;
    this.#smoothedMs = SMOOTHING * this.#smoothedMs + (1 - SMOOTHING) * this.#accumulatedMs;
    this.#arrivalsMs[this.#groups % WINDOW] = group.lastArrivalMs;
    this.#delaysMs[this.#groups % WINDOW] = this.#smoothedMs;
    this.#groups++;
    if (this.#groups < WINDOW) return;
    const trendMs = slopeOf(this.#arrivalsMs, this.#delaysMs) * Math.min(this.#groups, MAX_GROUPS_COUNTED) * GAIN;
    this.#detect(trendMs, sentDeltaMs);
    this.#adaptThreshold(Math.abs(trendMs), group.lastArrivalMs);
    this.#lastTrendMs = trendMs;
  }

  #detect(trendMs: number, sentDeltaMs: number): void {
    if (trendMs <= this.#thresholdMs) {
      this.#aboveMs = -1;
      this.#aboveCount = 0;
      this.#trend = trendMs < -this.#thresholdMs ? 'emptying' : 'steady';
      return;
    }
    this.#aboveMs = this.#aboveMs < 0 ? sentDeltaMs / 2 : this.#aboveMs + sentDeltaMs;
    this.#aboveCount += 1;
    if (this.#aboveMs <= OVERUSE_MS || this.#aboveCount < 2 || trendMs < this.#lastTrendMs) return;
    this.#aboveMs = 0;
    this.#aboveCount = 0;
    this.#trend = 'growing';
  }

  #adaptThreshold(trendMs: number, nowMs: number): void {
    const elapsedMs = Math.min(100, Math.max(0, nowMs - this.#updatedMs));
    this.#updatedMs = nowMs;
    if (trendMs > this.#thresholdMs + THRESHOLD_OUTLIER_MS) return;
    const speed = trendMs < this.#thresholdMs ? THRESHOLD_DOWN : THRESHOLD_UP;
    const thresholdMs = this.#thresholdMs + speed * (trendMs - this.#thresholdMs) * elapsedMs;
    this.#thresholdMs = Math.min(THRESHOLD_MAX_MS, Math.max(THRESHOLD_MIN_MS, thresholdMs));
  }
}

/** Slope of the line through points by least squares. */
function slopeOf(xs: Float64Array, ys: Float64Array): number {
  let meanX = 0;
  let meanY = 0;
  for (let index = 0; index < xs.length; index++) {
    meanX += xs[index]! / xs.length;
    meanY += ys[index]! / xs.length;
  }
  let numerator = 0;
  let denominator = 0;
  for (let index = 0; index < xs.length; index++) {
    numerator += (xs[index]! - meanX) * (ys[index]! - meanY);
    denominator += (xs[index]! - meanX) ** 2;
  }
  return denominator === 0 ? 0 : numerator / denominator;
}
