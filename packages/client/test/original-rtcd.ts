import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { encodeClientMessage } from '@rtcd/protocol';
import { createWsServer } from '@rtcd/ws/server';
import { onTestFinished } from 'vitest';

/** Answers as the Go original does where it differs from ours, status and headers included. */
export interface OriginalRtcd {
  readonly url: string;
  /** Keys by clientID. */
  readonly clients: Map<string, string>;
  /** Method and path of each request, upgrades included. */
  readonly requests: readonly string[];
  closeConnections(): void;
}

const GO_DATE = 'Fri, 27 Nov 2026 06:00:00 GMT';

/** Starts it on a free loopback port; it ends with the test. */
export async function startOriginalRtcd(): Promise<OriginalRtcd> {
  const clients = new Map<string, string>();
  const requests: string[] = [];
  const ws = createWsServer({
    authenticate: async ({ headers }) => ({ clientID: credentials(headers.authorization)?.clientID ?? '' }),
  });
  ws.on('open', ({ connID, clientID }) => {
    ws.send(connID, encodeClientMessage({ type: 'hello', data: { clientID, connID } }));
  });

  const http = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (request.url === '/register') await register(request, response);
    else if (request.url === '/version') goJson(response, 200, { buildVersion: 'v1.2.0', goVersion: 'go1.25.1' });
    // The load of a machine without idle time is infinite, which Go cannot encode: the answer stays empty.
    else if (request.url === '/system') response.writeHead(200, { 'Content-Type': 'application/json' }).end();
    else response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('404 page not found\n');
  });
  http.on('upgrade', (request, socket, head) => {
    requests.push(`${request.method} ${request.url}`);
    const known = credentials(request.headers.authorization);
    if (known !== undefined && clients.get(known.clientID) === known.authKey) ws.handleUpgrade(request, socket, head);
    // Its handler returns without an answer, which Go's server makes an empty 200 of, and keeps the connection.
    else socket.write(`HTTP/1.1 200 OK\r\nDate: ${GO_DATE}\r\nContent-Length: 0\r\n\r\n`);
  });

  async function register(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clientID, authKey } = (await json(request)) as { clientID: string; authKey: string };
    if (clients.has(clientID)) {
      goJson(response, 400, { code: '400', error: 'registration failed: already registered' });
      return;
    }
    clients.set(clientID, authKey);
    goJson(response, 201, { clientID, code: '201' });
  }

  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => {
    http.close();
    http.closeAllConnections();
  });
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    clients,
    requests,
    closeConnections() {
      for (const connection of ws.connections) connection.close();
    },
  };
}

function goJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

function credentials(authorization = ''): { clientID: string; authKey: string } | undefined {
  const text = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString();
  const [, clientID, authKey] = /^([^:]*):(.*)$/.exec(text) ?? [];
  return clientID === undefined || authKey === undefined ? undefined : { clientID, authKey };
}
