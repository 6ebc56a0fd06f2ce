import type { VirtualTime } from '../src/testing/index.ts';

/** Effects on messages. Rates are probabilities per message, from 0 to 1. */
export interface WayConditions {
  readonly delayMs: number;
  /** Up to so much is added to the delay. Order is kept, as on any WebSocket, unless `reorders`. */
  readonly jitterMs: number;
  readonly reorders: boolean;
  readonly duplicateRate: number;
  readonly lossRate: number;
}

const GOOD: WayConditions = { delayMs: 20, jitterMs: 0, reorders: false, duplicateRate: 0, lossRate: 0 };

/** One direction between an SFU and a peer: the WebSockets and servers that carry a session's messages, in virtual time. */
export class UnreliableWay<Message> {
  readonly #time: VirtualTime;
  readonly #random: () => number;
  readonly #deliver: (message: Message) => void;
  readonly #onLost: (message: Message) => void;
  #conditions = GOOD;
  #lastArrivalMs = 0;
  #closed = false;

  constructor(
    time: VirtualTime,
    random: () => number,
    deliver: (message: Message) => void,
    onLost: (message: Message) => void,
  ) {
    this.#time = time;
    this.#random = random;
    this.#deliver = deliver;
    this.#onLost = onLost;
  }

  /** For what is sent from now on; what is not named is good. */
  setConditions(conditions: Partial<WayConditions>): void {
    this.#conditions = { ...GOOD, ...conditions };
  }

  send(message: Message): void {
    const { duplicateRate, lossRate } = this.#conditions;
    if (this.#random() < lossRate) return this.#onLost(message);
    this.#carry(message);
    if (this.#random() < duplicateRate) this.#carry(message);
  }

  /** Drops all messages that are under way. */
  close(): void {
    this.#closed = true;
  }

  #carry(message: Message): void {
    const { delayMs, jitterMs, reorders } = this.#conditions;
    const arrivalMs = this.#time.nowMs + delayMs + this.#random() * jitterMs;
    this.#lastArrivalMs = Math.max(arrivalMs, this.#lastArrivalMs);
    this.#time.schedule(reorders ? arrivalMs : this.#lastArrivalMs, () => {
      if (!this.#closed) this.#deliver(message);
    });
  }
}
