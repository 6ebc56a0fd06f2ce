/**
 * RFC 6347 section 4.2.4.1 starts at a second and doubles up to a minute. A call cannot wait so long for one lost
 * datagram, and after ICE both sides know that a path is there: browsers begin at 50 ms.
 */
const FIRST_TIMEOUT_MS = 100;
const LONGEST_TIMEOUT_MS = 2000;
/** A peer that asks again sooner has most likely seen a duplicate, or asks for what is on its way. */
const SHORTEST_INTERVAL_MS = 40;
/** More than fit into 30 s of timeouts. The rest would answer a peer that asks without end. */
const MAX_TRANSMISSIONS = 40;

/** Retransmission of a flight: by timeout, or because the peer showed that it has not got it. */
export class Retransmission {
  #timeoutMs: number;
  #sentMs: number;
  #left = MAX_TRANSMISSIONS;

  constructor(nowMs: number, firstTimeoutMs: number = FIRST_TIMEOUT_MS) {
    this.#sentMs = nowMs;
    this.#timeoutMs = firstTimeoutMs;
  }

  deadline(): number {
    return this.#left > 0 ? this.#sentMs + this.#timeoutMs : Number.POSITIVE_INFINITY;
  }

  /** Reports whether the timeout has passed, so that the flight is to be sent now. Doubles the next. */
  onTimeout(nowMs: number): boolean {
    if (nowMs < this.deadline()) return false;
    this.#timeoutMs = Math.min(this.#timeoutMs * 2, LONGEST_TIMEOUT_MS);
    this.#spend(nowMs);
    return true;
  }

  /** Reports whether to send now that the peer has repeated what came before the flight (RFC 6347 section 4.2.4). */
  onRequest(nowMs: number): boolean {
    if (this.#left === 0 || nowMs - this.#sentMs < SHORTEST_INTERVAL_MS) return false;
    this.#spend(nowMs);
    return true;
  }

  #spend(nowMs: number): void {
    this.#sentMs = nowMs;
    this.#left--;
  }
}
