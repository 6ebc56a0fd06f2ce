import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { CallRelay } from './call-relay.ts';
import { maxBrowserMessageBytes, type ServerMessage } from './messages.ts';

/** The path at which pages open their WebSocket. */
const socketPath = '/ws';

/** No close frame came: the network broke, or the browser crashed (RFC 6455 section 7.1.5). A page that goes away sends one. */
const ABNORMAL_CLOSURE = 1006;

const maxConnections = 1000;
/** A page that reads nothing while this many bytes wait for it is given up. */
const maxBufferedBytes = 4 * 1024 * 1024;
const pingIntervalMs = 10_000;

/** Connects pages' WebSockets on `server` with the relay. Returns what ends them all. */
export function serveBrowserSockets(server: Server, relay: CallRelay): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxBrowserMessageBytes });
  const silent = new WeakSet<WebSocket>();

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const refusal = refusalOf(request, sockets.clients.size);
    if (refusal === undefined) {
      sockets.handleUpgrade(request, stream, head, (socket) => connect(socket, relay, silent));
    } else {
      stream.on('error', () => stream.destroy());
      stream.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    }
  });

  const heartbeat = setInterval(() => {
    for (const socket of sockets.clients) {
      if (silent.has(socket)) socket.terminate();
      silent.add(socket);
      socket.ping();
    }
  }, pingIntervalMs);

  return () => {
    clearInterval(heartbeat);
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  };
}

function connect(socket: WebSocket, relay: CallRelay, silent: WeakSet<WebSocket>): void {
  const connection = relay.open({ send: (message) => send(socket, message) });
  socket.on('message', (data: RawData, isBinary: boolean) => {
    silent.delete(socket);
    connection.receive(isBinary ? '' : String(data));
  });
  socket.on('pong', () => silent.delete(socket));
  // ws closes the socket after an error; 'close' follows and cleans up.
  socket.on('error', () => undefined);
  socket.on('close', (code) => connection.close(code === ABNORMAL_CLOSURE));
}

function send(socket: WebSocket, message: ServerMessage): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > maxBufferedBytes) {
    socket.terminate();
    return;
  }
  socket.send(JSON.stringify(message));
}

/** Reason why an upgrade is refused, as an HTTP status line, or undefined. */
function refusalOf(request: IncomingMessage, connections: number): string | undefined {
  if (request.url !== socketPath) return '404 Not Found';
  if (connections >= maxConnections) return '503 Service Unavailable';
  // Any web page may open a WebSocket to anywhere: without this, a stranger's page could join calls from here.
  const { origin, host } = request.headers;
  if (origin !== undefined && URL.parse(origin)?.host !== host) return '403 Forbidden';
  return undefined;
}
