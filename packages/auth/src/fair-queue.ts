/** Sender of an operation. Operations of one sender wait for each other, and not those of others for them. */
export interface Origin {
  /** Network of the sender, or empty if it is not known. */
  readonly source: string;
  readonly clientID: string;
}

/** Keys under which the turns of an operation are counted. */
interface Lane {
  readonly source: string;
  readonly client: string;
}

/** Sources and clients of which the last turn is remembered. */
const MAX_REMEMBERED = 4_096;

/**
 * A queue that serves first the operation whose source and client were both not served for the longest time. A source that tries the keys of many clients waits for itself,
 * and so do many sources that try the keys of one client. Operations of the same origin are served in order of arrival. The queue is searched from end to end each time, and is for some
 * hundred operations.
 */
export class FairQueue<Operation> {
  readonly #maxRemembered: number;
  readonly #waiting = new Map<Operation, Lane>();
  /** Numbers of the last turns of sources and clients, the oldest first. */
  readonly #turns = new Map<string, number>();
  #turn = 0;

  constructor(maxRemembered = MAX_REMEMBERED) {
    this.#maxRemembered = maxRemembered;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(operation: Operation, origin: Origin): void {
    this.#waiting.set(operation, laneOf(origin));
  }

  delete(operation: Operation): void {
    this.#waiting.delete(operation);
  }

  /** Removes and returns the operation whose turn it is. */
  shift(): Operation | undefined {
    const [next] = [...this.#waiting].sort(([, a], [, b]) => this.#compareTurns(a, b));
    if (next === undefined) return undefined;
    const [operation, lane] = next;
    this.#waiting.delete(operation);
    this.#turn++;
    this.#remember(lane.source);
    this.#remember(lane.client);
    return operation;
  }

  /**
   * Returns the operation to drop to make room for one of this origin: from the source with the most operations waiting, and among those from the client
   * with the most. In a tie, it is the one that would be served last. Returns undefined if the operation to drop is one of this origin itself.
   */
  surplusOver(origin: Origin): Operation | undefined {
    const own = laneOf(origin);
    const lanes = [...this.#waiting.values(), own];
    const bySource = countBy(lanes, ({ source }) => source);
    const byClient = countBy(lanes, laneKey);
    const compare = (a: Lane, b: Lane) =>
      bySource.get(a.source)! - bySource.get(b.source)! ||
      byClient.get(laneKey(a))! - byClient.get(laneKey(b))! ||
      this.#compareTurns(a, b);
    const last = lanes.reduce((found, lane) => (compare(lane, found) >= 0 ? lane : found));
    if (laneKey(last) === laneKey(own)) return undefined;
    return [...this.#waiting].find(([, lane]) => lane === last)?.[0];
  }

  #compareTurns(a: Lane, b: Lane): number {
    return (
      this.#lastTurnOfEither(a) - this.#lastTurnOfEither(b) ||
      this.#lastTurn(a.source) - this.#lastTurn(b.source) ||
      this.#lastTurn(a.client) - this.#lastTurn(b.client)
    );
  }

  #lastTurnOfEither({ source, client }: Lane): number {
    return Math.max(this.#lastTurn(source), this.#lastTurn(client));
  }

  #lastTurn(key: string): number {
    return this.#turns.get(key) ?? 0;
  }

  #remember(key: string): void {
    this.#turns.delete(key);
    this.#turns.set(key, this.#turn);
    const [oldest] = this.#turns.keys();
    if (this.#turns.size > this.#maxRemembered && oldest !== undefined) this.#turns.delete(oldest);
  }
}

const laneOf = ({ source, clientID }: Origin): Lane => ({ source: `source ${source}`, client: `client ${clientID}` });

/** No source contains a line break. */
const laneKey = ({ source, client }: Lane): string => `${source}\n${client}`;

function countBy(lanes: readonly Lane[], keyOf: (lane: Lane) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const lane of lanes) counts.set(keyOf(lane), (counts.get(keyOf(lane)) ?? 0) + 1);
  return counts;
}
