import { seededRandom } from '@rtcd/packet-io/testing';
import type { VirtualTime } from './virtual-time.ts';

/** Effects of a link on datagrams. Rates are probabilities per datagram, from 0 to 1. */
export interface LinkConditions {
  /** One way. */
  readonly delayMs: number;
  /** Up to so much is added to the delay of each datagram, evenly spread: enough of it reorders by itself. */
  readonly jitterMs: number;
  readonly lossRate: number;
  /** Delivered twice, the second time `reorderDelayMs` later at most. */
  readonly duplicateRate: number;
  /** Held back by up to `reorderDelayMs`, so that later ones overtake. */
  readonly reorderRate: number;
  readonly reorderDelayMs: number;
}

/** The conditions at first, where they differ from a perfect link's. */
export interface SimulatedLinkOptions extends Partial<LinkConditions> {
  /** The same seed and the same traffic give the same run. */
  readonly seed: number;
}

/** Outcome of the datagrams that one end sent. */
export interface LinkStats {
  sent: number;
  lost: number;
  duplicated: number;
  reordered: number;
  delivered: number;
}

/** One end of a link. */
export interface LinkEnd {
  /** Receiver of what the other end sends. The datagram is the receiver's own. */
  onDatagram: (datagram: Uint8Array, nowMs: number) => void;
  /** The datagram is copied. */
  send(datagram: Uint8Array): void;
  /** Counts of what this end has sent. */
  readonly stats: Readonly<LinkStats>;
}

const PERFECT_LINK: LinkConditions = {
  delayMs: 0,
  jitterMs: 0,
  lossRate: 0,
  duplicateRate: 0,
  reorderRate: 0,
  reorderDelayMs: 20,
};

/** Datagrams between two ends in virtual time, lost, doubled and put out of order at random, the same in both directions. */
export class SimulatedLink {
  readonly a: LinkEnd;
  readonly b: LinkEnd;
  readonly #time: VirtualTime;
  readonly #random: () => number;
  #conditions: LinkConditions;

  constructor(time: VirtualTime, options: SimulatedLinkOptions) {
    const { seed, ...conditions } = options;
    this.#time = time;
    this.#random = seededRandom(seed);
    this.#conditions = { ...PERFECT_LINK, ...conditions };
    this.a = this.#createEnd(() => this.b);
    this.b = this.#createEnd(() => this.a);
  }

  /** For what is sent from now on. */
  setConditions(conditions: Partial<LinkConditions>): void {
    this.#conditions = { ...this.#conditions, ...conditions };
  }

  #createEnd(peer: () => LinkEnd): LinkEnd {
    const stats: LinkStats = { sent: 0, lost: 0, duplicated: 0, reordered: 0, delivered: 0 };
    return { onDatagram() {}, send: (datagram) => this.#carry(datagram, peer, stats), stats };
  }

  #carry(datagram: Uint8Array, peer: () => LinkEnd, stats: LinkStats): void {
    const { delayMs, jitterMs, lossRate, duplicateRate, reorderRate, reorderDelayMs } = this.#conditions;
    stats.sent++;
    if (this.#happens(lossRate)) {
      stats.lost++;
      return;
    }
    let arrivalMs = this.#time.nowMs + delayMs + this.#upTo(jitterMs);
    if (this.#happens(reorderRate)) {
      stats.reordered++;
      arrivalMs += this.#upTo(reorderDelayMs);
    }
    this.#deliver(Uint8Array.from(datagram), arrivalMs, peer, stats);
    if (this.#happens(duplicateRate)) {
      stats.duplicated++;
      this.#deliver(Uint8Array.from(datagram), arrivalMs + this.#upTo(reorderDelayMs), peer, stats);
    }
  }

  #deliver(datagram: Uint8Array, atMs: number, peer: () => LinkEnd, stats: LinkStats): void {
    this.#time.schedule(atMs, () => {
      stats.delivered++;
      peer().onDatagram(datagram, this.#time.nowMs);
    });
  }

  #happens(rate: number): boolean {
    return rate > 0 && this.#random() < rate;
  }

  #upTo(limitMs: number): number {
    return limitMs > 0 ? this.#random() * limitMs : 0;
  }
}
