import { sourceNetwork, TokenBucket } from '@rtcd/boundary';

/** Ten warnings of one kind about one address at once, then one a second. */
const RATE = { capacity: 10, perSecond: 1 };
/** Bounds the memory; the kind and address that have been known longest are forgotten first. */
const MAX_KINDS = 1_024;

interface Kind {
  readonly budget: TokenBucket;
  suppressed: number;
}

/** Limits the warnings about strangers: a flood of refused requests must not become a flood of lines. */
export class Repeats {
  readonly #kinds = new Map<string, Kind>();

  /** Returns how many warnings of this kind about this address were left out since the last one, or undefined to leave this one out, too. */
  admit(message: string, remoteAddress: string, nowMs: number): number | undefined {
    const kind = this.#find(`${message}\n${sourceNetwork(withoutPort(remoteAddress))}`, nowMs);
    if (!kind.budget.take(1, nowMs)) {
      kind.suppressed += 1;
      return undefined;
    }
    const { suppressed } = kind;
    kind.suppressed = 0;
    return suppressed;
  }

  #find(key: string, nowMs: number): Kind {
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      const [longestKnown] = this.#kinds.keys();
      if (this.#kinds.size >= MAX_KINDS && longestKnown !== undefined) this.#kinds.delete(longestKnown);
      kind = { budget: new TokenBucket(RATE, nowMs), suppressed: 0 };
      this.#kinds.set(key, kind);
    }
    return kind;
  }
}

/** Log lines have an address alone, or with its port. The network of an IPv6 address does not depend on what comes last. */
const withoutPort = (address: string): string => address.replace(/(\.\d+):\d+$/, '$1');
