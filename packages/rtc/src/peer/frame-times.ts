import type { SenderInfo } from '../rtcp/report.ts';
import { type SenderClock, SourceClock } from '../rtcp/sender-clock.ts';
import { timestampDelta } from '../rtp/sequence.ts';

/** Upper bound on the time between a frame and its arrival, by the sender's reports. Reports of before a pause may say anything. */
const MAX_DELAY_MS = 1_000;
/** Upper bound on what clocks and the path's jitter may make of a report in the other direction. */
const MAX_LEAD_MS = 100;
/** Without reports, later frames than this have not been delayed: the sender paused. */
const MAX_JITTER_MS = 250;

/**
 * Times of the frames of one stream on our clock. The sender's reports put all streams of one peer on one clock (RFC 3550 section 6.4.1). Before
 * there are any, and where they contradict the arrivals, the frame that arrived with the least delay sets the time of the others.
 */
export class FrameTimes {
  readonly #clockRate: number;
  readonly #source: SourceClock;
  #anchor: { readonly timestamp: number; readonly timeMs: number } | undefined;

  constructor(clockRate: number, senderClock: SenderClock) {
    this.#clockRate = clockRate;
    this.#source = new SourceClock(senderClock, clockRate);
  }

  receiveReport(info: Pick<SenderInfo, 'ntp' | 'timestamp'>, nowMs: number): void {
    this.#source.receive(info, nowMs);
  }

  /** Returns the time of a frame that arrived at `arrivedMs`. */
  timeOf(timestamp: number, arrivedMs: number): number {
    const anchoredMs = this.#anchoredTimeOf(timestamp, arrivedMs);
    const now = this.#source.timestampAt(arrivedMs);
    if (now === undefined) return anchoredMs;
    const leadMs = this.#toMs(timestampDelta(timestamp, now));
    return leadMs > MAX_LEAD_MS || leadMs < -MAX_DELAY_MS ? anchoredMs : arrivedMs + leadMs;
  }

  #anchoredTimeOf(timestamp: number, arrivedMs: number): number {
    const { timestamp: anchorTimestamp, timeMs } = this.#anchor ?? { timestamp, timeMs: arrivedMs };
    const expectedMs = timeMs + this.#toMs(timestampDelta(timestamp, anchorTimestamp));
    if (this.#anchor && expectedMs <= arrivedMs && expectedMs >= arrivedMs - MAX_JITTER_MS) return expectedMs;
    this.#anchor = { timestamp, timeMs: arrivedMs };
    return arrivedMs;
  }

  #toMs(ticks: number): number {
    return (ticks * 1_000) / this.#clockRate;
  }
}
