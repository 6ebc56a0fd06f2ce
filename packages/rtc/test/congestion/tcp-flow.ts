import type { EventQueue } from './event-queue.ts';
import type { Path } from './path.ts';

const SEGMENT_BYTES = 1_500;
const ACK_BYTES = 60;
const START_WINDOW = 10;
/** A retransmission timeout is this at least, and so many round trips. */
const MIN_TIMEOUT_MS = 1_000;
const TIMEOUT_ROUND_TRIPS = 3;
const WATCH_MS = 250;
/** Segments behind a missing one that are acknowledged before it counts as lost. */
const REORDERING = 3;

export interface TcpFlowOptions {
  readonly events: EventQueue;
  readonly forward: Path;
  readonly backward: Path;
  readonly startMs: number;
  readonly endMs: number;
  /** Segments to transfer; without end if left out. */
  readonly segments?: number;
}

/** A transfer with the congestion control of TCP Reno with selective acknowledgments (RFC 5681, RFC 6675): a window that losses halve. */
export class TcpFlow {
  /** Bytes that were acknowledged. */
  ackedBytes = 0;
  readonly #options: TcpFlowOptions;
  #window = START_WINDOW;
  #threshold = Number.POSITIVE_INFINITY;
  #next = 0;
  /** Segments on the way, and how many later ones were acknowledged. */
  readonly #inFlight = new Map<number, { readonly sentMs: number; passed: number }>();
  #toResend = 0;
  /** Segments before this one were sent before the window was halved last. */
  #recoveryEnd = 0;
  #roundTripMs = 0;

  constructor(options: TcpFlowOptions) {
    this.#options = options;
    options.events.at(options.startMs, () => this.#fill());
    options.events.at(options.startMs, () => this.#watch());
  }

  #fill(): void {
    const { events, forward, endMs, segments = Number.POSITIVE_INFINITY } = this.#options;
    while (this.#inFlight.size < Math.floor(this.#window) && events.nowMs < endMs) {
      if (this.#toResend > 0) this.#toResend--;
      else if (this.#next - this.#toResend >= segments) return;
      const segment = this.#next++;
      this.#inFlight.set(segment, { sentMs: events.nowMs, passed: 0 });
      forward.send(
        SEGMENT_BYTES,
        () => this.#acknowledge(segment),
        () => {},
      );
    }
  }

  #acknowledge(segment: number): void {
    this.#options.backward.send(
      ACK_BYTES,
      () => this.#receiveAck(segment),
      () => {},
    );
  }

  #receiveAck(segment: number): void {
    const acked = this.#inFlight.get(segment);
    if (!acked) return;
    this.#roundTripMs = this.#options.events.nowMs - acked.sentMs;
    this.#inFlight.delete(segment);
    this.ackedBytes += SEGMENT_BYTES;
    this.#window += this.#window < this.#threshold ? 1 : 1 / this.#window;
    for (const [other, state] of this.#inFlight) {
      if (other > segment) break;
      if (++state.passed >= REORDERING) this.#lost(other);
    }
    this.#fill();
  }

  #lost(segment: number): void {
    this.#inFlight.delete(segment);
    this.#toResend++;
    if (segment < this.#recoveryEnd) return;
    this.#recoveryEnd = this.#next;
    this.#threshold = Math.max(2, this.#window / 2);
    this.#window = this.#threshold;
  }

  /** Begins anew if nothing was acknowledged for long. */
  #watch(): void {
    const { events, endMs } = this.#options;
    if (events.nowMs >= endMs) return;
    const [oldest] = this.#inFlight.values();
    const timeoutMs = Math.max(MIN_TIMEOUT_MS, TIMEOUT_ROUND_TRIPS * this.#roundTripMs);
    if (oldest && events.nowMs - oldest.sentMs > timeoutMs) {
      this.#toResend += this.#inFlight.size;
      this.#inFlight.clear();
      this.#threshold = Math.max(2, this.#window / 2);
      this.#window = 1;
      this.#recoveryEnd = this.#next;
      this.#fill();
    }
    events.at(events.nowMs + WATCH_MS, () => this.#watch());
  }
}
