import { timestampDelta } from './sequence.ts';

/** Timestamps of a source, as far as its sender has reported on them. */
export interface TimestampClock {
  /** Number of reports so far. */
  readonly reports: number;
  /** Returns the timestamp that belongs to a moment, undefined while that is unknown. */
  timestampAt(nowMs: number): number | undefined;
}

export interface TimestampRewriterOptions {
  /** First timestamp, random. */
  readonly timestamp: number;
  /** Timestamp ticks per second. */
  readonly clockRate: number;
}

/** A clock that is further from what passed on ours was not described truly, or has been set since. */
const MAX_MISALIGNMENT_MS = 2_000;
/** The first packet after a pause may be late by this much or half of the pause: if it is later, the timestamps stood still. */
const MIN_LATENESS_MS = 300;

/** Makes the timestamps of one outgoing stream out of those of its sources, in step with the clock of their sender. */
export class TimestampRewriter {
  readonly #clockRate: number;
  /** Added to the source's timestamps, modulo 2^32. */
  #offset = 0;
  #highest: number;
  /** Negative infinity before the first packet. */
  #highestSentMs = Number.NEGATIVE_INFINITY;
  #clock: TimestampClock | undefined;
  /** Reports of the clock that its packets have contradicted. */
  #outdatedReports = 0;

  constructor({ timestamp, clockRate }: TimestampRewriterOptions) {
    this.#highest = timestamp;
    this.#clockRate = clockRate;
  }

  /** Returns the outgoing timestamp of a packet of the source. */
  rewrite(sourceTimestamp: number): number {
    return (sourceTimestamp + this.#offset) >>> 0;
  }

  /** The packet that is furthest ahead was sent, or placed for later. */
  sent(timestamp: number, nowMs: number): void {
    this.#highest = timestamp;
    this.#highestSentMs = nowMs;
  }

  /**
   * Returns the outgoing timestamp of a moment: by the reports of the source, so that the streams of one sender stay in step, else by the last
   * packet and the time since.
   */
  at(nowMs: number): number {
    const clock = this.#clock;
    const sourceTimestamp = clock && clock.reports > this.#outdatedReports ? clock.timestampAt(nowMs) : undefined;
    return sourceTimestamp === undefined
      ? (this.#highest + this.#ticksSinceHighest(nowMs)) >>> 0
      : this.rewrite(sourceTimestamp);
  }

  /** Continues with the packets of another source, or of the same one after a pause, of which this timestamp is the first. */
  join(sourceTimestamp: number, nowMs: number, clock: TimestampClock | undefined): void {
    const passedTicks = this.#ticksSinceHighest(nowMs);
    const alignedTicks = this.#alignedTicks(sourceTimestamp, nowMs, clock);
    const isSame = clock === this.#clock;
    const isContradicted =
      alignedTicks !== undefined && Math.abs(alignedTicks - passedTicks) >= this.#maxMisalignment(passedTicks, isSame);
    if (isContradicted) this.#outdatedReports = clock?.reports ?? 0;
    else if (!isSame) this.#outdatedReports = 0;
    const ticks = alignedTicks === undefined || isContradicted ? passedTicks : alignedTicks;
    const next = this.#hasSent ? this.#highest + Math.max(1, ticks) : this.#highest;
    this.#offset = (next - sourceTimestamp) >>> 0;
    this.#clock = clock;
  }

  /**
   * Advance of timestamps by the clocks of both sources. Timestamps of two sources have nothing to do with each other: undefined if one
   * of the clocks is unknown.
   */
  #alignedTicks(sourceTimestamp: number, nowMs: number, clock: TimestampClock | undefined): number | undefined {
    if (clock === undefined || this.#clock === undefined) return undefined;
    if (clock === this.#clock) return timestampDelta(this.rewrite(sourceTimestamp), this.#highest);
    const last = this.#clock.timestampAt(nowMs);
    const next = clock.timestampAt(nowMs);
    if (last === undefined || next === undefined) return undefined;
    return timestampDelta(this.rewrite(sourceTimestamp + timestampDelta(last, next)), this.#highest);
  }

  /** Firefox continues the timestamps of a muted voice where they stopped, Chromium where they would be. */
  #maxMisalignment(passedTicks: number, isSame: boolean): number {
    const maxTicks = this.#toTicks(MAX_MISALIGNMENT_MS);
    return isSame ? Math.min(maxTicks, Math.max(passedTicks / 2, this.#toTicks(MIN_LATENESS_MS))) : maxTicks;
  }

  get #hasSent(): boolean {
    return this.#highestSentMs !== Number.NEGATIVE_INFINITY;
  }

  #ticksSinceHighest(nowMs: number): number {
    return this.#hasSent ? Math.round(this.#toTicks(nowMs - this.#highestSentMs)) : 0;
  }

  #toTicks(durationMs: number): number {
    return (durationMs * this.#clockRate) / 1000;
  }
}
