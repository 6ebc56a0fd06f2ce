import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Logger, sourceNetwork, Turns } from '@rtcd/boundary';
import { ConnectionsFirst } from './connections-first.ts';
import type { UpgradeHandler } from './handlers.ts';
import { Source, type WaitingRequest } from './source.ts';

/** Limits of one network address; of IPv6, of one network of 64 bits. */
export interface SourceLimits {
  /** Connections at a time, WebSockets included. Beyond, new ones are closed at once. Default 2,000. */
  readonly maxConnections: number;
  /** Requests that are answered in a second; more of them wait for their turn. Default 300. */
  readonly requestsPerSecond: number;
}

export const DEFAULT_SOURCE_LIMITS: SourceLimits = { maxConnections: 2_000, requestsPerSecond: 300 };

/** Requests on one connection that have no answer yet. No client of ours sends the next one before. */
const MAX_PIPELINED = 8;

/** Requests that cost more than the others, and how much more: a scrape is large. */
const COSTS: ReadonlyMap<string, number> = new Map([['/metrics', 20]]);
const BODY_BYTES_PER_REQUEST = 4_096;
/** Work of answering a request that costs 1, or an upgrade, in microseconds. */
const REQUEST_US = 200;

/**
 * Bounds the connections of each network address, and answers requests in turn: one of each address, and a bounded amount of work in a turn of the event
 * loop. No address can use up the server.
 */
export class Sources {
  readonly #limits: SourceLimits;
  readonly #logger: Logger;
  readonly #connectionsFirst = new ConnectionsFirst();
  readonly #turns = new Turns(this.#connectionsFirst.defer);
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
      const answer = () => {
        if (!response.destroyed) listener(request, response);
      };
      const cost = costOf(request);
      this.#push(request, { cost, workUs: cost * REQUEST_US, answer });
    };
  }

  /** The same for upgrades. They are not counted as requests: clients behind one proxy may all come back at once. */
  upgradesInTurn(handler: UpgradeHandler): UpgradeHandler {
    return (request, socket, head) => {
      const onError = () => socket.destroy();
      socket.on('error', onError);
      const answer = () => {
        socket.off('error', onError);
        if (!socket.destroyed) handler(request, socket, head);
      };
      this.#push(request, { cost: 0, workUs: REQUEST_US, answer });
    };
  }

  #push({ socket }: IncomingMessage, request: WaitingRequest): void {
    const source = this.#sources.get(networkOf(socket));
    if (source === undefined)
      request.answer(); // closed meanwhile
    else source.push(request);
  }

  #connected(socket: Socket): void {
    this.#connectionsFirst.accepted();
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
    const source = new Source(this.#turns, this.#limits.requestsPerSecond);
    this.#sources.set(network, source);
    return source;
  }

  /** A source that comes back at once must not have a new budget. */
  #forget(network: string, source: Source): void {
    setTimeout(() => {
      if (source.connections === 0 && this.#sources.get(network) === source) this.#sources.delete(network);
    }, source.restMs).unref();
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
