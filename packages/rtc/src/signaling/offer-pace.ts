/** After so many offers in a row without an answer the next one waits, unless the peer is heard of. */
const MAX_UNANSWERED_OFFERS = 3;
const RETRY_PAUSE_MS = 10_000;
/** Between an answer that contradicts what was agreed, and the offer that asks again: bounds what such answers cost. */
const DOUBT_PAUSE_MS = 1_000;
/** So long after its answer the peer's own offer comes at the latest, if it had given one up. */
const PEERS_OFFER_LIMIT_MS = 5_000;
/** Clients that were refused the lock ask for it again 50 ms after the refusal arrives, and give up after 5 s. */
const PEERS_TURN_MS = 500;
/** A peer that has not asked for the lock again in this time does not wait for it. */
const PEERS_REQUEST_LIMIT_MS = 1_000;
/** No peer waits longer than this to learn of a new speaker. */
const MAX_PAUSE_MS = 2_000;

/**
 * Delay from an offer to the next one. It names every section, and in a call of n everyone gets one for everyone's
 * change: so that many consecutive joins cost no more than a share of a CPU, the pause grows with the square of n.
 * Nothing to speak of below 30 sections, 0.2 s at 100; the first change after a quiet time never waits.
 */
const pauseMs = (sections: number): number => Math.min(MAX_PAUSE_MS, Math.floor(sections ** 2 / 50));

/** Time when the next offer may be made, and when it may close sections. */
export class OfferPace {
  #nextOfferMs = Number.NEGATIVE_INFINITY;
  /** Time to try again after too many offers without an answer. */
  #retryMs = Number.NEGATIVE_INFINITY;
  /** Offers in a row without an answer, since the peer was last heard of. */
  #unansweredOffers = 0;
  /** Time when the peer was refused the lock because of our offer. */
  #peerRefusedMs = Number.NEGATIVE_INFINITY;
  /**
   * Sections are not closed before. While the peer may have an offer that we never got, its new track may be on one of ours, and is lost to
   * it if we close that.
   */
  #keepSectionsUntilMs = Number.NEGATIVE_INFINITY;

  /** Time when the next offer may be made. */
  get nextOfferMs(): number {
    return Math.max(this.#nextOfferMs, this.#retryMs);
  }

  /** Time when an offer that closes sections may be made. */
  get nextClosingOfferMs(): number {
    return Math.max(this.nextOfferMs, this.#keepSectionsUntilMs);
  }

  mayCloseSections(nowMs: number): boolean {
    return nowMs >= this.#keepSectionsUntilMs;
  }

  /** The peer is there: failures of before do not count. */
  heard(): void {
    this.#unansweredOffers = 0;
    this.#retryMs = Number.NEGATIVE_INFINITY;
  }

  offered(sections: number, nowMs: number): void {
    this.#nextOfferMs = nowMs + pauseMs(sections);
  }

  /** The peer asked for the lock while our offer was out. */
  peerRefused(nowMs: number): void {
    this.#peerRefusedMs = nowMs;
  }

  /** Our negotiation is over. If the peer waits for the lock, it has its turn before our next offer. */
  finished(nowMs: number): void {
    if (nowMs - this.#peerRefusedMs > PEERS_REQUEST_LIMIT_MS) return;
    this.#peerRefusedMs = Number.NEGATIVE_INFINITY;
    this.#nextOfferMs = Math.max(this.#nextOfferMs, nowMs + PEERS_TURN_MS);
  }

  /** An offer was not answered in time. */
  failed(nowMs: number): void {
    this.#unansweredOffers += 1;
    if (this.#unansweredOffers >= MAX_UNANSWERED_OFFERS) this.#retryMs = nowMs + RETRY_PAUSE_MS;
  }

  /** An answer contradicts what was agreed. */
  contradicted(nowMs: number): void {
    this.#nextOfferMs = Math.max(this.#nextOfferMs, nowMs + DOUBT_PAUSE_MS);
  }

  /** An offer of the peer may be lost. */
  peersOfferMissing(): void {
    this.#keepSectionsUntilMs = Number.POSITIVE_INFINITY;
  }

  /** The peer answered ours: if it gave an offer up for that, it makes it again soon. */
  peersOfferExpected(nowMs: number): void {
    this.#keepSectionsUntilMs = Math.min(this.#keepSectionsUntilMs, nowMs + PEERS_OFFER_LIMIT_MS);
  }

  peersOfferTaken(): void {
    this.#keepSectionsUntilMs = Number.NEGATIVE_INFINITY;
  }
}
