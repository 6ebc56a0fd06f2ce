/** Packets are observed for so long, and at least so many. */
const OBSERVATION_MS = 250;
const OBSERVATION_PACKETS = 20;
/** Observations that count, the older the less. */
const OBSERVATIONS = 20;
const AGE_WEIGHTS = Float64Array.from({ length: OBSERVATIONS }, (_, age) => 0.9 ** age);
/** Fewer observations are not meaningful. */
const LEAST_OBSERVATIONS = 3;
/** Loss that a path may have at any rate. */
const MAX_INHERENT = 0.15;
/** Bound on the capacity, in bits per second, divided by the loss beyond that: a path that loses so much is not to be filled. */
const BOUND_BPS = 12_000;
const BOUND_OBSERVATIONS = 10;
const MIN_INHERENT = 0.0005;
const NEWTON_STEPS = 3;
/** Capacities that are compared, in terms of the present one, or of what is sent if that is less. */
const SCALES = [1.06, 1, 0.95, 0.85] as const;
const LEAST_SCALE = 0.85;
/** Preference for a higher capacity, per packet and doubling, when both explain what was lost. */
const PREFERENCE = 0.05;

/**
 * Tells loss that depends on the rate from loss that a path always has, by the capacity and the inherent loss that explain best what
 * was lost at which rate: below the capacity only the inherent share is lost, above it the excess as well. This is the idea of
 * libwebrtc's loss-based estimation (version 2).
 */
export class LossModel {
  #capacityBps = Number.POSITIVE_INFINITY;
  #inherent = 0.01;
  readonly #ratesBps = new Float64Array(OBSERVATIONS);
  readonly #arrived = new Float64Array(OBSERVATIONS);
  readonly #lost = new Float64Array(OBSERVATIONS);
  #count = 0;
  /** The best that was compared. */
  #bestScore = 0;
  #bestBps = 0;
  #bestInherent = 0;
  #bytes = 0;
  #arrivedNow = 0;
  #lostNow = 0;
  #firstSentMs = 0;
  #lastSentMs = 0;

  /** Rate above which more is lost; Infinity if none is known. */
  get capacityBps(): number {
    return this.#capacityBps;
  }

  /** Share that is lost at any rate. */
  get inherent(): number {
    return this.#inherent;
  }

  /** Takes note of a packet that was reported as lost or arrived. */
  add(sizeBytes: number, sentMs: number, isLost: boolean): void {
    if (this.#arrivedNow + this.#lostNow === 0) this.#firstSentMs = sentMs;
    this.#lastSentMs = Math.max(this.#lastSentMs, sentMs);
    this.#bytes += sizeBytes;
    if (isLost) this.#lostNow++;
    else this.#arrivedNow++;
  }

  /** A packet that was reported as lost has arrived late. */
  cameLate(): void {
    if (this.#lostNow === 0) return;
    this.#lostNow--;
    this.#arrivedNow++;
  }

  /** Forgets what was observed: another measure has answered it. */
  reset(): void {
    this.#count = 0;
    this.#capacityBps = Number.POSITIVE_INFINITY;
    this.#clear();
  }

  /** Draws conclusions once enough packets were reported. `rateBps` is the rate that the path is taken to carry. */
  update(rateBps: number): void {
    const durationMs = this.#lastSentMs - this.#firstSentMs;
    const packets = this.#arrivedNow + this.#lostNow;
    if (packets < OBSERVATION_PACKETS || durationMs < OBSERVATION_MS) return;
    const place = this.#count++ % OBSERVATIONS;
    this.#ratesBps[place] = (this.#bytes * 8_000) / durationMs;
    this.#arrived[place] = this.#arrivedNow;
    this.#lost[place] = this.#lostNow;
    this.#clear();
    if (this.#count >= LEAST_OBSERVATIONS) this.#choose(rateBps, this.#ratesBps[place]!);
  }

  #clear(): void {
    this.#bytes = 0;
    this.#arrivedNow = 0;
    this.#lostNow = 0;
  }

  #choose(rateBps: number, sentBps: number): void {
    const presentBps = Math.min(rateBps, this.#capacityBps);
    this.#bestScore = Number.NEGATIVE_INFINITY;
    for (const scale of SCALES) this.#compare(scale * presentBps, rateBps, sentBps);
    if (sentBps < LEAST_SCALE * presentBps) this.#compare(LEAST_SCALE * sentBps, rateBps, sentBps);
    this.#inherent = this.#bestInherent;
    this.#capacityBps = Math.min(this.#bestBps, this.#boundBps);
  }

  #compare(candidateBps: number, rateBps: number, sentBps: number): void {
    // A capacity of more than the rate is none that matters.
    const capacityBps = candidateBps > rateBps ? Number.POSITIVE_INFINITY : candidateBps;
    const inherent = this.#fitInherent(capacityBps);
    // Capacities beyond what is sent differ in nothing that was observed.
    const score = this.#score(capacityBps, inherent, Math.min(candidateBps, SCALES[0] * sentBps));
    if (score <= this.#bestScore) return;
    this.#bestScore = score;
    this.#bestBps = capacityBps;
    this.#bestInherent = inherent;
  }

  /** Returns the inherent loss that makes what was lost most likely, for a capacity: Newton's method on the log likelihood. */
  #fitInherent(capacityBps: number): number {
    let inherent = Math.min(MAX_INHERENT, Math.max(MIN_INHERENT, this.#inherent));
    for (let step = 0; step < NEWTON_STEPS; step++) {
      let first = 0;
      let second = 0;
      for (let age = 0; age < Math.min(this.#count, OBSERVATIONS); age++) {
        const place = (this.#count - 1 - age) % OBSERVATIONS;
        const passing = passingShare(capacityBps, this.#ratesBps[place]!);
        const probability = 1 - (1 - inherent) * passing;
        const weight = AGE_WEIGHTS[age]!;
        const lost = this.#lost[place]!;
        const arrived = this.#arrived[place]!;
        first += weight * passing * (lost / probability - arrived / (1 - probability));
        second -= weight * passing ** 2 * (lost / probability ** 2 + arrived / (1 - probability) ** 2);
      }
      if (second === 0) break;
      inherent = Math.min(MAX_INHERENT, Math.max(MIN_INHERENT, inherent - first / second));
    }
    return inherent;
  }

  /** Bound for a path that loses much for long. A burst of losses is none. */
  get #boundBps(): number {
    if (this.#count < BOUND_OBSERVATIONS) return Number.POSITIVE_INFINITY;
    let lost = 0;
    let packets = 0;
    for (let age = 0; age < Math.min(this.#count, OBSERVATIONS); age++) {
      const place = (this.#count - 1 - age) % OBSERVATIONS;
      lost += AGE_WEIGHTS[age]! * this.#lost[place]!;
      packets += AGE_WEIGHTS[age]! * (this.#lost[place]! + this.#arrived[place]!);
    }
    return BOUND_BPS / Math.max(0, lost / packets - MAX_INHERENT);
  }

  #score(capacityBps: number, inherent: number, preferredBps: number): number {
    let likelihood = 0;
    let packets = 0;
    for (let age = 0; age < Math.min(this.#count, OBSERVATIONS); age++) {
      const place = (this.#count - 1 - age) % OBSERVATIONS;
      const probability = 1 - (1 - inherent) * passingShare(capacityBps, this.#ratesBps[place]!);
      const weight = AGE_WEIGHTS[age]!;
      const lost = this.#lost[place]!;
      const arrived = this.#arrived[place]!;
      likelihood += weight * (lost * Math.log(probability) + arrived * Math.log(1 - probability));
      packets += weight * (lost + arrived);
    }
    return likelihood + PREFERENCE * packets * Math.log2(preferredBps);
  }
}

/** Share of what is sent at a rate that fits a capacity. */
const passingShare = (capacityBps: number, rateBps: number): number => Math.min(1, capacityBps / rateBps);
