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
/** A receiver's clock that jumps by more has begun anew. */
const MAX_JUMP_MS = 3_000;

/** Development of the queues on the way to a receiver: they grow, empty, or stay as they are. */
export type QueueTrend = 'growing' | 'emptying' | 'steady';

interface Group {
  firstSentMs: number;
  lastSentMs: number;
  firstArrivalMs: number;
  lastArrivalMs: number;
}

const newGroup = (sentMs: number, arrivalMs: number): Group => ({
  firstSentMs: sentMs,
  lastSentMs: sentMs,
  firstArrivalMs: arrivalMs,
  lastArrivalMs: arrivalMs,
});

/** Tells from the times at which packets leave and arrive whether a queue builds up on the way (draft-ietf-rmcat-gcc-02 section 5). */
export class DelayTrend {
  #current: Group | undefined;
  #previous: Group | undefined;
  #accumulatedMs = 0;
  #smoothedMs = 0;
  #groups = 0;
  /** The last groups: when they arrived, and their delay beyond that of the first one. */
  readonly #arrivalsMs: number[] = [];
  readonly #delaysMs: number[] = [];
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
    if (group && Math.abs(arrivalMs - group.lastArrivalMs) > MAX_JUMP_MS + sentMs - group.lastSentMs) this.#reset();
    if (!this.#current) {
      this.#current = newGroup(sentMs, arrivalMs);
    } else if (belongsTo(this.#current, sentMs, arrivalMs)) {
      this.#current.lastSentMs = Math.max(this.#current.lastSentMs, sentMs);
      this.#current.lastArrivalMs = Math.max(this.#current.lastArrivalMs, arrivalMs);
    } else {
      if (this.#previous) this.#add(this.#previous, this.#current);
      this.#previous = this.#current;
      this.#current = newGroup(sentMs, arrivalMs);
    }
  }

  #reset(): void {
    this.#current = undefined;
    this.#previous = undefined;
    this.#arrivalsMs.length = 0;
    this.#delaysMs.length = 0;
    this.#trend = 'steady';
  }

  #add(previous: Group, group: Group): void {
    const sentDeltaMs = group.lastSentMs - previous.lastSentMs;
    this.#accumulatedMs += group.lastArrivalMs - previous.lastArrivalMs - sentDeltaMs;
    this.#smoothedMs = SMOOTHING * this.#smoothedMs + (1 - SMOOTHING) * this.#accumulatedMs;
    this.#groups = Math.min(this.#groups + 1, MAX_GROUPS_COUNTED);
    this.#arrivalsMs.push(group.lastArrivalMs);
    this.#delaysMs.push(this.#smoothedMs);
    if (this.#arrivalsMs.length < WINDOW) return;
    const trendMs = slopeOf(this.#arrivalsMs, this.#delaysMs) * this.#groups * GAIN;
    this.#arrivalsMs.shift();
    this.#delaysMs.shift();
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

function belongsTo(group: Group, sentMs: number, arrivalMs: number): boolean {
  if (sentMs - group.firstSentMs <= BURST_MS) return true;
  const arrivalDeltaMs = arrivalMs - group.lastArrivalMs;
  return (
    arrivalDeltaMs <= BURST_MS &&
    arrivalDeltaMs < sentMs - group.lastSentMs &&
    arrivalMs - group.firstArrivalMs < MAX_BURST_MS
  );
}

/** Slope of the line through points by least squares. */
function slopeOf(xs: readonly number[], ys: readonly number[]): number {
  const meanX = meanOf(xs);
  const meanY = meanOf(ys);
  let numerator = 0;
  let denominator = 0;
  for (const [index, x] of xs.entries()) {
    numerator += (x - meanX) * (ys[index]! - meanY);
    denominator += (x - meanX) ** 2;
  }
  return denominator === 0 ? 0 : numerator / denominator;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
