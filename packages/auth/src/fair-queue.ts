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

/**
 * A queue that serves sources in turn, the clients of one source in turn, and the operations of one client in order of arrival. It is
 * searched from end to end each time, and is for some hundred operations.
 */
export class FairQueue<Operation> {
  readonly #waiting = new Map<Operation, Lane>();
  /** Number of the last turn of each source and client of which operations wait. */
  readonly #turns = new Map<string, number>();
  #turn = 0;

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
    this.#turns.set(lane.source, this.#turn).set(lane.client, this.#turn);
    const waiting = new Set([...this.#waiting.values()].flatMap(({ source, client }) => [source, client]));
    for (const key of this.#turns.keys()) if (!waiting.has(key)) this.#turns.delete(key);
    return operation;
  }

  /**
   * Returns the operation that has to go to make room for one of this origin: the newest one of the client that has most of those of the
   * source that has most. Undefined if that client is the origin itself.
   */
  surplusOver(origin: Origin): Operation | undefined {
    const own = laneOf(origin);
    const ofSource = longest(
      Map.groupBy(this.#waiting, ([, { source }]) => source),
      own.source,
    );
    const ofClient = longest(
      Map.groupBy(ofSource, ([, { client }]) => client),
      own.client,
    );
    const [operation, lane] = ofClient.at(-1) ?? [];
    return lane?.client === own.client ? undefined : operation;
  }

  #compareTurns(a: Lane, b: Lane): number {
    return this.#lastTurn(a.source) - this.#lastTurn(b.source) || this.#lastTurn(a.client) - this.#lastTurn(b.client);
  }

  #lastTurn(key: string): number {
    return this.#turns.get(key) ?? 0;
  }
}

const laneOf = ({ source, clientID }: Origin): Lane => ({
  source: JSON.stringify([source]),
  client: JSON.stringify([source, clientID]),
});

/** The longest of the lists, where one's own counts with the operation that is about to join it. */
function longest<Item>(lists: ReadonlyMap<string, readonly Item[]>, own: string): readonly Item[] {
  const lengthOf = (key: string) => (lists.get(key)?.length ?? 0) + (key === own ? 1 : 0);
  const key = [...lists.keys()].reduce((found, it) => (lengthOf(it) > lengthOf(found) ? it : found), own);
  return lists.get(key) ?? [];
}
