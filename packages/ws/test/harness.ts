import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { connectWsClient, type WsClient, type WsClientConfig } from '../src/client/index.ts';
import { createWsServer, type WsServer, type WsServerOptions } from '../src/server/index.ts';

export const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

/** Takes any Basic header's user as the clientID; refuses the rest with 401. */
export async function basicUser(request: IncomingMessage): Promise<{ clientID: string }> {
  const [scheme, credentials = ''] = (request.headers.authorization ?? '').split(' ');
  const [clientID = ''] = Buffer.from(credentials, 'base64').toString().split(':');
  if (scheme !== 'Basic' || clientID === '') {
    throw Object.assign(new Error('authentication failed: invalid auth header'), { status: 401 });
  }
  return { clientID };
}

export interface RunningServer {
  readonly ws: WsServer;
  readonly http: Server;
  readonly port: number;
  readonly url: string;
}

/** A server on a free loopback port that ends with the test. */
export async function startServer(options: Partial<WsServerOptions> = {}): Promise<RunningServer> {
  const ws = createWsServer({ authenticate: basicUser, ...options });
  const http = createServer((_request, response) => response.writeHead(404).end());
  http.on('upgrade', (request, socket, head) => ws.handleUpgrade(request, socket, head));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => {
    http.close();
    http.closeAllConnections();
  });
  const { port } = http.address() as AddressInfo;
  return { ws, http, port, url: `ws://127.0.0.1:${port}/ws` };
}

/** A client that ends with the test. */
export function connect(url: string, config: Partial<WsClientConfig> = {}): WsClient {
  const end = new AbortController();
  const signal = config.signal === undefined ? end.signal : AbortSignal.any([end.signal, config.signal]);
  const auth = { type: 'basic', clientID: 'alice', authKey: 'key' } as const;
  const client = connectWsClient({ url, auth, ...config, signal });
  onTestFinished(() => {
    client.removeAllListeners();
    client.on('error', () => {});
    end.abort();
    return client.close();
  });
  return client;
}

/** Resolves when everything that this client sent and was sent before has been handled on both sides; needs an echoing server. */
export async function roundTrip(client: WsClient): Promise<void> {
  const echo = once(client, 'message');
  client.send(bytes(0xec, 0x40));
  await echo;
}

/** Sends every message back to where it came from. */
export function echo(ws: WsServer): void {
  ws.on('message', ({ connID }, message) => ws.send(connID, message));
}
