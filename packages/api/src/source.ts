import { type Line, TokenBucket, type Turns } from '@rtcd/boundary';

/** Requests that may be answered at once, in seconds of the rate. */
const BURST_S = 1 / 3;

/** A request that waits for its turn. */
export interface WaitingRequest {
  /** Share of the requests that its source may send in a second. */
  readonly cost: number;
  /** Work of answering it, in microseconds. */
  readonly workUs: number;
  answer(): void;
}

/** Connections of one network address, and its requests, which are answered in turn with those of others as far as its budget goes. */
export class Source implements Line {
  readonly #turns: Turns;
  readonly #budget: TokenBucket;
  readonly #waiting: WaitingRequest[] = [];
  #timer: NodeJS.Timeout | undefined;
  connections = 0;

  constructor(turns: Turns, requestsPerSecond: number) {
    this.#turns = turns;
    const rate = { capacity: requestsPerSecond * BURST_S, perSecond: requestsPerSecond };
    this.#budget = new TokenBucket(rate, performance.now());
  }

  /** Time until the budget is full again, so that the source may be forgotten. */
  get restMs(): number {
    return this.#budget.debtMs(performance.now()) + BURST_S * 1000;
  }

  push(request: WaitingRequest): void {
    this.#waiting.push(request);
    // At once if the server is idle: Node cuts a client that ends its side of the connection before it is answered.
    if (this.#timer === undefined) this.#turns.addNow(this);
  }

  serveNext(): number | undefined {
    if (this.#waiting.length === 0 || this.#waitForBudget()) return undefined;
    const request = this.#waiting.shift()!;
    this.#budget.charge(request.cost);
    request.answer();
    return request.workUs;
  }

  /** Returns true while the budget is overdrawn. */
  #waitForBudget(): boolean {
    const debtMs = this.#budget.debtMs(performance.now());
    if (debtMs === 0) return false;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#turns.add(this);
    }, Math.ceil(debtMs));
    return true;
  }
}
