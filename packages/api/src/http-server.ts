import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { TlsIdentity } from './tls/identity.ts';

/** Time limits for a peer, in milliseconds. */
export interface HttpTimeouts {
  /** For a request to arrive, headers and body; also for the TLS handshake. Default 30,000. */
  readonly readMs: number;
  /** For a request to be answered, from its headers on. Default 60,000. */
  readonly writeMs: number;
  /** Between two requests on one connection. Default 30,000. */
  readonly idleMs: number;
}

export const DEFAULT_TIMEOUTS: HttpTimeouts = { readMs: 30_000, writeMs: 60_000, idleMs: 30_000 };

/** The one route whose connections are handed over. */
export const WEB_SOCKET_PATH = '/ws';

/** Node looks for requests that take too long at this interval. */
const CHECKING_INTERVAL_MS = 5_000;

/** Connections of all kinds at a time; beyond, new ones are closed at once. */
const MAX_CONNECTIONS = 20_000;

/** A CPU profile or a heap snapshot may take longer than other answers. */
const UNHURRIED_PATHS = '/debug/';

export interface HttpServer {
  readonly server: Server;
  /** Uses this identity for connections from now on. */
  setIdentity(identity: TlsIdentity): void;
}

/** A server for HTTP, or for HTTPS if it has an identity to show. */
export function createHttpServer(
  listener: RequestListener,
  identity: TlsIdentity | undefined,
  timeouts: HttpTimeouts,
): HttpServer {
  const options: ServerOptions = {
    headersTimeout: timeouts.readMs,
    requestTimeout: timeouts.readMs,
    keepAliveTimeout: timeouts.idleMs,
    connectionsCheckingInterval: Math.min(CHECKING_INTERVAL_MS, timeouts.readMs),
    // Refused with the other requests that have no route, in their form.
    requireHostHeader: false,
    // A request that asks for any other protocol is answered as if it had not (RFC 9110, section 7.8).
    shouldUpgradeCallback: (request) => pathOf(request.url) === WEB_SOCKET_PATH,
  };
  if (identity === undefined) {
    const server = createServer(options, listener);
    setLimits(server, timeouts.writeMs);
    return { server, setIdentity() {} };
  }
  const handshakeTimeout = timeouts.readMs;
  const server = createTlsServer({ ...options, ...secureContext(identity), handshakeTimeout }, listener);
  setLimits(server, timeouts.writeMs);
  return { server, setIdentity: (next) => server.setSecureContext(secureContext(next)) };
}

function secureContext({ cert, key }: TlsIdentity) {
  return { cert, key, minVersion: 'TLSv1.2' } as const;
}

function setLimits(server: Server, writeMs: number): void {
  server.maxConnections = MAX_CONNECTIONS;
  server.on('request', (request, response) => {
    if (pathOf(request.url).startsWith(UNHURRIED_PATHS)) return;
    const timer = setTimeout(() => request.socket.destroy(), writeMs).unref();
    response.once('close', () => clearTimeout(timer));
  });
}

/** The path of a request target in origin form or absolute form (RFC 9112, section 3.2), without its query. */
export function pathOf(url = ''): string {
  const target = url.replace(/^https?:\/\/[^/?]*/, '');
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}
