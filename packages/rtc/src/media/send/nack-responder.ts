import type { DropCounts } from '../../inspect/drops.ts';
import { nearestIndex } from '../../rtp/sequence.ts';
import type { SentLog } from './sent-log.ts';

export interface NackResponderOptions {
  readonly log: SentLog;
  readonly drops: DropCounts;
  /** Returns whether the packet that was found in the log can be sent again. */
  canResend(): boolean;
  /** Sends the packet that was found in the log again, or lets it wait. */
  resend(index: number, nowMs: number): void;
}

/** A second request for a packet within a round trip crossed the answer to the first one. This if the round-trip time is less or unknown. */
const MIN_REPEAT_MS = 20;
/** Answers that a receiver may have at once: a key frame of 256 packets that was lost as a whole. */
const MAX_ALLOWANCE = 256;
/** Answers that a receiver has from the start, for a stream of few packets on a path that loses many. */
const FREE_ANSWERS = 32;

/**
 * Decides which NACKs of one receiver for one stream are answered. A receiver is sent no more packets again than it was sent in the first
 * place (and a few), however many it asks for.
 */
export class NackResponder {
  readonly #options: NackResponderOptions;
  #allowance = FREE_ANSWERS;
  /** Number of the first packet that the receiver still needs. */
  #firstIndex = 0;

  constructor(options: NackResponderOptions) {
    this.#options = options;
  }

  /** A packet went out for the first time. */
  sent(): void {
    if (this.#allowance < MAX_ALLOWANCE) this.#allowance++;
  }

  /** Answers no requests for packets before `index`: the receiver does not need them for those that follow. */
  outdate(index: number): void {
    this.#firstIndex = index;
  }

  /** Answers a request for a packet, if it is of use and still there, was not answered just now, and the receiver has not asked for too much. */
  request(sequenceNumber: number, nowMs: number, roundTripMs = 0): void {
    const { log, drops, canResend, resend } = this.#options;
    const index = nearestIndex(sequenceNumber, log.highestIndex);
    const isKept = log.find(index) && canResend() && log.history.offsetOf(log.number) >= 0;
    if (!isKept) drops.nack_not_kept++;
    else if (index < this.#firstIndex) drops.nack_outdated++;
    else if (log.isWaiting || nowMs - log.resentMs < Math.max(MIN_REPEAT_MS, roundTripMs)) drops.nack_repeated++;
    else if (this.#allowance === 0) drops.nack_over_limit++;
    else {
      this.#allowance--;
      resend(index, nowMs);
    }
  }
}
