/** Packets that a sender adds for a short time, to learn whether the path carries more than is sent. */
export interface Probe {
  /** Marks the packets of the probe: 1 to 255. */
  readonly id: number;
  /** Rate of all that is sent in this time, media included. */
  readonly targetBps: number;
  readonly durationMs: number;
  /** At least so many packets, however long they take. */
  readonly packets: number;
}

/** Conditions under which the next probe is decided on. */
export interface ProbeConditions {
  readonly estimateBps: number;
  /** Rate that could be put to use: a better encoding, or a stream that is paused. */
  readonly wantedBps: number;
  /** A queue builds up on the path, or packets are lost to congestion. */
  readonly isCongested: boolean;
  readonly jitterMs: number;
}

/** Duration of a probe, longer on a path whose jitter would hide at which rate it arrives. */
const DURATION_MS = 20;
const DURATION_JITTERS = 8;
const MAX_DURATION_MS = 80;
const PACKETS = 5;
/** Target of the first probe, and of those that follow a success, in terms of the estimate. */
const FIRST_SCALE = 3;
const SCALE = 2;
/** A target beyond what is wanted: rates vary, and a probe shows a little less than it was sent with. */
const WANTED_SCALE = 1.25;
/** A probe that would raise the estimate by less is not worth its packets. */
const WORTHWHILE = 1.1;
/** Time for a probe's feedback to arrive. */
const RESULT_TIMEOUT_MS = 1_000;
/** Between probes, growing while they show nothing, and short again once one does, or when the estimate has fallen by far. */
const INTERVAL_MS = 3_000;
const MAX_INTERVAL_MS = 24_000;
const INTERVAL_GROWTH = 2;
/** Share of its target that a probe has to show for the next one to follow, and time for which the estimate then has to stay. */
const SUCCESS = 0.7;
const PROVING_MS = 1_500;
/** Jitter makes results wrong: a path with more than this gets fewer probes. */
const HARMLESS_JITTER_MS = 1.5;
/** Time in which a queue empties, and the estimate settles, after a decrease. */
const SETTLE_MS = 2_000;
/** Share of the rate before that is a fall by far. */
const FALL = 2 / 3;

/**
 * Decides when to send a probe, and at which rate: at the start, after a success, and from time to time while more is wanted
 * than the estimate allows. Probes that show nothing become rare.
 */
export class ProbeController {
  #lastId = 0;
  #pendingId = 0;
  #targetBps = 0;
  #sentMs = Number.NEGATIVE_INFINITY;
  #intervalMs = INTERVAL_MS;
  /** The last probe succeeded, so that the next one follows at once. */
  #goesOn = true;
  #succeededMs = Number.POSITIVE_INFINITY;
  #settledMs = Number.NEGATIVE_INFINITY;
  #fellFromBps = 0;

  /** Returns the probe to send now, if any. It counts as sent. */
  next({ estimateBps, wantedBps, isCongested, jitterMs }: ProbeConditions, nowMs: number): Probe | undefined {
    if (this.#pendingId !== 0 && nowMs - this.#sentMs > RESULT_TIMEOUT_MS) this.#end(false);
    if (nowMs - this.#succeededMs > PROVING_MS) {
      this.#intervalMs = INTERVAL_MS;
      this.#succeededMs = Number.POSITIVE_INFINITY;
    }
    if (this.#pendingId !== 0 || isCongested || nowMs < this.#settledMs) return undefined;
    if (!this.#goesOn && nowMs - this.#sentMs < this.#intervalMs * Math.max(1, jitterMs / HARMLESS_JITTER_MS))
      return undefined;
    const scale = this.#lastId === 0 ? FIRST_SCALE : SCALE;
    const targetBps = Math.min(scale * estimateBps, WANTED_SCALE * wantedBps);
    if (targetBps < WORTHWHILE * estimateBps || wantedBps <= estimateBps) return undefined;
    this.#lastId = (this.#lastId % 255) + 1;
    this.#pendingId = this.#lastId;
    this.#targetBps = targetBps;
    this.#sentMs = nowMs;
    const durationMs = Math.min(MAX_DURATION_MS, Math.max(DURATION_MS, DURATION_JITTERS * jitterMs));
    return { id: this.#lastId, targetBps, durationMs, packets: PACKETS };
  }

  /** Takes the result of a probe: the rate that its packets have shown to pass, or 0. */
  measured(id: number, estimateBps: number, measuredBps: number, nowMs: number): void {
    if (id !== this.#pendingId) return;
    this.#end(measuredBps > WORTHWHILE * estimateBps && measuredBps > SUCCESS * this.#targetBps);
    if (this.#goesOn) this.#succeededMs = nowMs;
  }

  /** The estimate was lowered. */
  lowered(fromBps: number, toBps: number, nowMs: number): void {
    if (nowMs > this.#settledMs) this.#fellFromBps = fromBps;
    if (toBps < FALL * this.#fellFromBps) this.#intervalMs = INTERVAL_MS;
    this.#settledMs = nowMs + SETTLE_MS;
    this.#goesOn = false;
    this.#succeededMs = Number.POSITIVE_INFINITY;
  }

  #end(succeeded: boolean): void {
    this.#pendingId = 0;
    this.#goesOn = succeeded;
    this.#intervalMs = Math.min(MAX_INTERVAL_MS, this.#intervalMs * INTERVAL_GROWTH);
  }
}
