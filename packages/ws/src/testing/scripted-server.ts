import { once } from 'node:events';
import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { Mailbox } from './mailbox.ts';
import { RecordingConnection, type ScriptedConnection } from './scripted-connection.ts';

/** Automatic behavior of the server; everything else a test does through the connections. */
export interface ServerScript {
  /** Looks at an upgrade request; what it returns is the plain HTTP answer instead of a connection. */
  onUpgrade?(request: IncomingMessage): { readonly status: number; readonly body?: string } | undefined;
  /** Called once the client is connected, to greet it for example. */
  onOpen?(connection: ScriptedConnection): void;
  /** Called for each binary message, after it was recorded. */
  onMessage?(connection: ScriptedConnection, bytes: Uint8Array): void;
}

/** A WebSocket server in the hands of a test. */
export interface ScriptedServer {
  /** `ws://127.0.0.1:<free port>/ws` */
  readonly url: string;
  /** Every upgrade request so far, the refused ones included. */
  readonly upgrades: readonly IncomingMessage[];
  /** Every connection so far, the closed ones included. */
  readonly connections: readonly ScriptedConnection[];
  /** The connection after the last one that was awaited. */
  nextConnection(): Promise<ScriptedConnection>;
  /** Cuts every connection and frees the port. */
  close(): Promise<void>;
}

/** Starts a WebSocket server on a free loopback port that records what clients do and answers by its script. */
export async function startScriptedServer(script: ServerScript = {}): Promise<ScriptedServer> {
  const http = createServer((_request, response) => response.writeHead(404).end('404 page not found\n'));
  const upgrader = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const upgrades: IncomingMessage[] = [];
  const connections: RecordingConnection[] = [];
  const arrivals = new Mailbox<ScriptedConnection>();

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgrades.push(request);
    const refusal = script.onUpgrade?.(request);
    if (refusal !== undefined) {
      refuse(socket, refusal.status, refusal.body ?? '');
      return;
    }
    upgrader.handleUpgrade(request, socket, head, (upgraded) => {
      const connection: RecordingConnection = new RecordingConnection(upgraded, request, (bytes) =>
        script.onMessage?.(connection, bytes),
      );
      connections.push(connection);
      arrivals.push(connection);
      script.onOpen?.(connection);
    });
  });

  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/ws`,
    upgrades,
    connections,
    nextConnection: () => arrivals.next(),
    close: async () => {
      arrivals.close(new Error('the scripted server is closed'));
      const closed = new Promise((resolve) => http.close(resolve));
      http.closeAllConnections();
      for (const connection of connections) connection.drop();
      await Promise.all([closed, ...connections.map((connection) => connection.closed)]);
    },
  };
}

function refuse(socket: Duplex, status: number, body: string): void {
  socket.on('error', () => {});
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`);
}
