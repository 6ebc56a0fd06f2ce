import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Logger, sourceNetwork, TokenBucket } from '@rtcd/boundary';

/** Limits of one network address; of IPv6, of one network of 64 bits. */
export interface SourceLimits {
  /** Connections at a time, WebSockets included. Beyond, new ones are closed at once. Default 2,000. */
  readonly maxConnections: number;
  /** Requests that are answered in a second; more of them wait for their turn. Default 300. */
  readonly requestsPerSecond: number;
}

export const DEFAULT_SOURCE_LIMITS: SourceLimits = { maxConnections: 2_000, requestsPerSecond: 300 };

/** Requests that may be answered at once, in seconds of the rate. */
const BURST_S = 1 / 3;

/** Requests on one connection that have no answer yet. No client of ours sends the next one before. */
const MAX_PIPELINED = 8;

/** Requests that cost more than the others, and how much more: a scrape is large. */
const COSTS: ReadonlyMap<string, number> = new Map([['/metrics', 20]]);
const BODY_BYTES_PER_REQUEST = 4_096;

interface Source {
  readonly budget: TokenBucket;
  readonly waiting: Array<() => void>;
  connections: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Bounds the connections of each network address, and makes its requests wait for their turn if there are too many of them. No
 * address can use up the server.
 */
export class Sources {
  readonly #limits: SourceLimits;
  readonly #logger: Logger;
  readonly #sources = new Map<string, Source>();
  readonly #pipelined = new WeakMap<Socket, number>();

  constructor(limits: SourceLimits, logger: Logger) {
    this.#limits = limits;
    this.#logger = logger;
  }

  /** Counts the connections of a server. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#connected(socket));
  }

  /** Returns a listener that calls another one when it is the turn of the request. */
  inTurn(listener: RequestListener): RequestListener {
    return (request, response) => {
      if (this.#isPipelinedTooDeep(request, response)) return;
      const source = this.#sources.get(networkOf(request.socket));
      const answer = () => {
        if (!response.destroyed) listener(request, response);
      };
      if (source === undefined) return answer(); // closed meanwhile
      source.waiting.push(() => {
        source.budget.charge(costOf(request));
        answer();
      });
      this.#serve(source);
    };
  }

  #connected(socket: Socket): void {
    const network = networkOf(socket);
    const source = this.#sources.get(network) ?? this.#add(network);
    if (source.connections >= this.#limits.maxConnections) {
      this.#logger.warn({ remoteAddress: socket.remoteAddress, reason: 'too many connections' }, 'connection refused');
      socket.destroy();
      return;
    }
    source.connections += 1;
    socket.once('close', () => {
      source.connections -= 1;
      if (source.connections === 0) this.#forget(network, source);
    });
  }

  #add(network: string): Source {
    const { requestsPerSecond } = this.#limits;
    const rate = { capacity: requestsPerSecond * BURST_S, perSecond: requestsPerSecond };
    const source: Source = {
      budget: new TokenBucket(rate, performance.now()),
      waiting: [],
      connections: 0,
      timer: undefined,
    };
    this.#sources.set(network, source);
    return source;
  }

  /** Answers requests in the order of their arrival as far as the budget goes, and the others later. */
  #serve(source: Source): void {
    if (source.timer !== undefined) return;
    let debtMs = source.budget.debtMs(performance.now());
    while (debtMs === 0 && source.waiting.length > 0) {
      source.waiting.shift()?.();
      debtMs = source.budget.debtMs(performance.now());
    }
    if (source.waiting.length === 0) return;
    source.timer = setTimeout(() => {
      source.timer = undefined;
      this.#serve(source);
    }, Math.ceil(debtMs));
  }

  /** A source that comes back at once must not have a new budget. */
  #forget(network: string, source: Source): void {
    const fullInMs = source.budget.debtMs(performance.now()) + BURST_S * 1000;
    setTimeout(() => {
      if (source.connections === 0 && this.#sources.get(network) === source) this.#sources.delete(network);
    }, fullInMs).unref();
  }

  #isPipelinedTooDeep({ socket }: IncomingMessage, response: ServerResponse): boolean {
    const depth = (this.#pipelined.get(socket) ?? 0) + 1;
    if (socket.destroyed || depth > MAX_PIPELINED) {
      socket.destroy();
      return true;
    }
    this.#pipelined.set(socket, depth);
    response.once('close', () => this.#pipelined.set(socket, (this.#pipelined.get(socket) ?? 1) - 1));
    return false;
  }
}

const networkOf = ({ remoteAddress }: Socket): string => sourceNetwork(remoteAddress ?? 'unknown');

function costOf({ url, headers }: IncomingMessage): number {
  const [path = ''] = (url ?? '').split('?', 1);
  return (COSTS.get(path) ?? 1) + (Number(headers['content-length']) || 0) / BODY_BYTES_PER_REQUEST;
}
