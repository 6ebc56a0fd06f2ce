import type { LayerRate } from '../../call/published-track.ts';

/** Reason for what one video is sent at. */
export type AllocationReason =
  /** The best encoding that its source sends, with all layers. */
  | 'fits'
  /** A better encoding, or more layers, would not fit. */
  | 'bandwidth'
  /** A better encoding, or more layers, would fit, but the last change is too recent. */
  | 'back_off'
  /** Not even the smallest encoding fits: nothing is sent. */
  | 'paused'
  /** The source sends nothing in any encoding. */
  | 'source_silent'
  /** The chosen encoding flows from its next key frame on. */
  | 'awaiting_key_frame';

/** Encodings of one video, the smallest first. Each has the rates of its layers, the lowest alone first; one that sends nothing has none. */
export type VideoRates = readonly (readonly LayerRate[])[];

/** State of one video that its choice depends on. */
export interface ChoiceContext {
  /** Importance: a lower tier is more important. */
  readonly tier: number;
  /** Index of the encoding that flows, `PAUSED` if none does. */
  readonly flowing: number;
  /** Nothing is sent if nothing fits. */
  readonly mayPause: boolean;
  /** After a pause, the smallest encoding is tried even if it does not fit. */
  readonly isTried: boolean;
  /** No other video is more important: the smallest encoding is held for a moment after it ceases to fit. */
  readonly isHeld: boolean;
  /** More may be sent, as far as the other videos of the receiver are concerned. */
  readonly mayRise: boolean;
  /** The video may take at once what less important ones are sent. */
  readonly mayPromote: boolean;
  /** Bits per second that less important videos are sent. */
  readonly displaceableBps: number;
  /** A more important video was given more at this moment: a fall makes room for it. */
  readonly isDisplaced: boolean;
  /** Another video is being tried at this moment: what it takes is to return at once if it does not last. */
  readonly mayReturn: boolean;
}

/**
 * Outcome of a choice: more or less of the video than before, more of it at once because it has become more important, or as much as before a more
 * important video took its bandwidth.
 */
export type ChoiceChange = 'none' | 'rise' | 'promotion' | 'return' | 'fall';

/** The index of the encoding of a video of which nothing is sent. */
export const PAUSED = -1;
/** Share of a rate that the way to the receiver has to carry. Rates are measured, and vary. */
const NEEDED_SHARE = 0.9;
/** The same for a video that is paused: it would be paused again by the next moment in which a little less fits. */
const RESUME_SHARE = 1.1;
/** Time from the start, or a change, until more may be sent. It grows with each change of the encoding. */
const BACK_OFF_MS = 10_000;
const BACK_OFF_GROWTH = 1.5;
const MAX_BACK_OFF_MS = 120_000;
/** Time after which a switch has failed: its sender was asked for a key frame ten times. */
const SWITCH_LIMIT_MS = 10_000;
/** Time for the key frame of a video that is tried, and for the estimate to show whether the path carries it. */
const TRIAL_MS = 5_000;
/** Time for the estimate to show whether the path carries the most important video once no other is sent. */
const HOLD_MS = 2_000;
const ALL_LAYERS = Number.POSITIVE_INFINITY;

/**
 * Chooses which encoding of one video a receiver is sent, and how many of its layers, by the room that there is for it. Less is sent at once, more
 * only after a time. Layers are left out before a lower encoding is taken, and an encoding is taken up only if all of its layers fit.
 */
export class VideoChoice {
  #level = 0;
  #layer = ALL_LAYERS;
  #reason: AllocationReason = 'fits';
  #changedMs: number | undefined;
  #backOffMs = BACK_OFF_MS;
  #trialEndMs = Number.NEGATIVE_INFINITY;
  #holdEndMs = Number.NEGATIVE_INFINITY;
  #tier: number | undefined;
  /** The video has become more important, and has not been given more since. */
  #isPromoted = false;
  /** Position that was lost to a more important video. Undefined if none was, or the video has it again. */
  #displaced: Position | undefined;

  /** Index of the chosen encoding, `PAUSED` for none. */
  get level(): number {
    return this.#level;
  }

  get reason(): AllocationReason {
    return this.#reason;
  }

  /** Bits per second that there have to be for the smallest encoding, to take it up or to continue with it. */
  smallestBps(rates: VideoRates): number {
    const smallest = rates.find((layers) => layers.length > 0)?.[0];
    return smallest ? this.#neededBps(smallest, false) : 0;
  }

  /** Rate of what is sent, of these: undefined if nothing is. */
  rateOf(rates: VideoRates): LayerRate | undefined {
    const layers = rates[this.#level] ?? NO_LAYERS;
    return layers[Math.min(this.#layer, layers.length - 1)];
  }

  /** Chooses for the room that is there, in bits per second. */
  choose(rates: VideoRates, roomBps: number, context: ChoiceContext, nowMs: number): ChoiceChange {
    this.#changedMs ??= nowMs;
    this.#rank(context.tier);
    const before = this.#level;
    const wasPromoted = this.#isPromoted;
    if (rates.every((layers) => layers.length === 0)) {
      this.#reason = 'source_silent';
      return 'none';
    }
    if (this.#hasFailed(rates, context.flowing, nowMs))
      this.#take(rates, { level: context.flowing, layer: ALL_LAYERS }, nowMs, true);
    const wanted = this.#select(rates, roomBps, context, nowMs, BEST);
    const mustWait = this.#isRise(wanted) && this.#isWaiting(rates, context, nowMs);
    const promotedBps = mustWait ? Math.min(roomBps, this.#promotedBps(rates, context)) : 0;
    const bound = promotedBps > 0 ? BEST : (this.#displaced ?? { level: this.#level, layer: this.#layer });
    const chosen = mustWait ? this.#select(rates, promotedBps || roomBps, context, nowMs, bound) : wanted;
    this.#reason = reasonFor(rates, chosen, wanted);
    if (this.#isRise(chosen) || this.#reason === 'fits') this.#isPromoted = false;
    const isOwn = chosen.level > this.#level ? !mustWait : !context.isDisplaced;
    this.#take(rates, chosen, nowMs, isOwn, context.mayReturn);
    if (this.#level === before) return 'none';
    if (this.#level < before) return 'fall';
    if (!mustWait) return wasPromoted ? 'promotion' : 'rise';
    return promotedBps > 0 ? 'promotion' : 'return';
  }

  #rank(tier: number): void {
    if (this.#tier !== undefined && tier !== this.#tier) this.#isPromoted = tier < this.#tier;
    this.#tier = tier;
  }

  /**
   * Returns the room that a video may use without waiting, 0 if it has to wait: its own, and that of less important ones, because their sum stays the same.
   * One that flows has it only once it has become more important, and then, if it is paused, at least the room of its smallest encoding.
   */
  #promotedBps(rates: VideoRates, { mayPromote, displaceableBps }: ChoiceContext): number {
    if (!mayPromote) return 0;
    const sent = this.rateOf(rates);
    if (!this.#isPromoted) return sent ? 0 : displaceableBps;
    return sent ? displaceableBps + steadyBps(sent) : Math.max(displaceableBps, this.smallestBps(rates) + 1);
  }

  /** Returns the best position up to `bound` that fits. Without one, nothing is to be sent, unless that may not be. */
  #select(rates: VideoRates, roomBps: number, context: ChoiceContext, nowMs: number, bound: Position): Position {
    const smallest = rates.findIndex((layers) => layers.length > 0);
    const best = this.#bestThatFits(rates, roomBps, smallest, bound);
    if (best) {
      if (context.isHeld) this.#holdEndMs = nowMs + HOLD_MS;
      return best;
    }
    const isPaused = this.#level === PAUSED;
    const isKept = !context.mayPause || nowMs < Math.max(this.#trialEndMs, context.isHeld ? this.#holdEndMs : 0);
    const isSent = isPaused ? bound === BEST && context.isTried : isKept;
    return isSent ? { level: smallest, layer: 0, isTrial: isPaused } : NOTHING;
  }

  #bestThatFits(rates: VideoRates, roomBps: number, smallest: number, bound: Position): Position | undefined {
    const highest = this.#level === PAUSED && !this.#isPromoted ? smallest : rates.length - 1;
    for (let level = highest; level >= smallest; level--) {
      const top = rates[level]!.length - 1;
      const lowest = level > this.#level && level > smallest ? Math.max(0, top) : 0;
      for (let layer = top; layer >= lowest; layer--) {
        const isRise = this.#isRise({ level, layer });
        if (isRise && isBelow(bound, { level, layer })) continue;
        if (roomBps > this.#neededBps(rates[level]![layer]!, isRise)) return { level, layer };
      }
    }
    return undefined;
  }

  #neededBps(rate: LayerRate, isRise: boolean): number {
    return this.#level === PAUSED
      ? RESUME_SHARE * highestBps(rate)
      : NEEDED_SHARE * (isRise ? highestBps(rate) : steadyBps(rate));
  }

  #isRise({ level, layer }: Position): boolean {
    return level > this.#level || (level === this.#level && layer > this.#layer);
  }

  /** An encoding that has ended is replaced at once. */
  #isWaiting(rates: VideoRates, { mayRise, mayPromote }: ChoiceContext, nowMs: number): boolean {
    if (this.#level !== PAUSED && rates[this.#level]!.length === 0) return false;
    if (!mayRise || (this.#isPromoted && !mayPromote)) return true;
    return nowMs - this.#changedMs! < this.#backOffMs;
  }

  /** No key frame of the chosen encoding arrives: the one that flows continues. */
  #hasFailed(rates: VideoRates, flowing: number, nowMs: number): boolean {
    const isSwitching = flowing !== this.#level && flowing !== PAUSED && this.#level !== PAUSED;
    return isSwitching && rates[flowing]!.length > 0 && nowMs - this.#changedMs! > SWITCH_LIMIT_MS;
  }

  /** Keeps a position that is lost to a more important video, until the video is back there, or falls for lack of bandwidth. */
  #displace(next: Position, mayReturn: boolean): void {
    const position = { level: this.#level, layer: this.#layer };
    if (isBelow(next, position)) this.#displaced = mayReturn ? (this.#displaced ?? position) : undefined;
    else if (this.#displaced && !isBelow(next, this.#displaced)) this.#displaced = undefined;
  }

  /** Takes a position. A change that others did not cause makes the next wait longer. */
  #take(
    rates: VideoRates,
    { level, layer, isTrial }: Position,
    nowMs: number,
    isOwn: boolean,
    mayReturn = false,
  ): void {
    const isTop = level === PAUSED || layer >= rates[level]!.length - 1;
    const chosenLayer = isTop ? ALL_LAYERS : layer;
    if (level === this.#level && chosenLayer === this.#layer) return;
    this.#displace({ level, layer: chosenLayer }, mayReturn);
    if (level !== this.#level && isOwn) this.#backOffMs = Math.min(MAX_BACK_OFF_MS, this.#backOffMs * BACK_OFF_GROWTH);
    if (isTrial) this.#trialEndMs = nowMs + TRIAL_MS;
    this.#level = level;
    this.#layer = chosenLayer;
    this.#changedMs = nowMs;
  }
}

interface Position {
  readonly level: number;
  readonly layer: number;
  /** Taken though it does not fit. */
  readonly isTrial?: boolean;
}

const NOTHING: Position = { level: PAUSED, layer: 0 };
const BEST: Position = { level: Number.POSITIVE_INFINITY, layer: ALL_LAYERS };

const isBelow = (one: Position, other: Position): boolean =>
  one.level < other.level || (one.level === other.level && one.layer < other.layer);
const NO_LAYERS: readonly LayerRate[] = [];

/** Rate that a video is reckoned with while it is sent: a key frame or a busy moment does not end it, or others. */
export const steadyBps = ({ bitrateBps, averageBps }: LayerRate): number => Math.min(bitrateBps, averageBps);

/** Rate that a video is reckoned with before it is sent. */
const highestBps = ({ bitrateBps, averageBps }: LayerRate): number => Math.max(bitrateBps, averageBps);

function reasonFor(rates: VideoRates, chosen: Position, wanted: Position): AllocationReason {
  if (chosen.level !== wanted.level || chosen.layer !== wanted.layer) return 'back_off';
  if (chosen.level === PAUSED) return 'paused';
  const best = rates.findLastIndex((layers) => layers.length > 0);
  return chosen.level === best && chosen.layer === rates[best]!.length - 1 ? 'fits' : 'bandwidth';
}
