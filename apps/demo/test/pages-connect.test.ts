import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { serveBrowserSockets } from '../src/browser-sockets.ts';
import { CallRelay } from '../src/call-relay.ts';
import type { ServerMessage } from '../src/messages.ts';
import { bundlePage } from '../src/page-bundle.ts';
import { createWebApp } from '../src/web-app.ts';

let server: Server;
let endSockets: () => void;
let host: string;

beforeEach(async () => {
  const relay = new CallRelay({
    clientID: 'demo',
    connected: true,
    send: () => undefined,
    inspect: async () => undefined,
  });
  server = createAdaptorServer({ fetch: createWebApp(await bundlePage()).fetch }) as Server;
  endSockets = serveBrowserSockets(server, relay);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  endSockets();
  server.closeAllConnections();
  server.close();
});

/** The status with which an upgrade is refused. */
async function refusalOf(path: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  const socket = new WebSocket(`ws://${host}${path}`, { headers });
  socket.on('error', () => undefined);
  const [, response] = await once(socket, 'unexpected-response');
  socket.terminate();
  return response.statusCode;
}

/** An open socket and a way to wait for what comes next. */
async function connect(headers: Record<string, string> = {}) {
  const socket = new WebSocket(`ws://${host}/ws`, { headers });
  const arrived: ServerMessage[] = [];
  socket.on('message', (data) => arrived.push(JSON.parse(String(data)) as ServerMessage));
  const next = async (): Promise<ServerMessage> => {
    if (arrived.length === 0) await once(socket, 'message');
    return arrived.shift()!;
  };
  await once(socket, 'open');
  return { socket, next };
}

describe('the page', () => {
  it('is served with its script and style, and may load nothing from elsewhere', async () => {
    const page = await fetch(`http://${host}/?room=lounge`);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(await page.text()).toContain('<title>rtcd demo</title>');
    for (const [path, type] of Object.entries({ '/main.js': 'javascript', '/style.css': 'css', '/icon.svg': 'svg' })) {
      const file = await fetch(`http://${host}${path}`);
      expect(file.status).toBe(200);
      expect(file.headers.get('content-type')).toContain(type);
    }
    expect((await fetch(`http://${host}/package.json`)).status).toBe(404);
  });
});

describe('a socket', () => {
  it('is refused at other paths and to pages of other origins', async () => {
    expect(await refusalOf('/')).toBe(404);
    expect(await refusalOf('/ws', { Origin: 'https://example.org' })).toBe(403);
    expect(await refusalOf('/ws', { Origin: 'null' })).toBe(403);
  });

  it('joins a call', async () => {
    const { socket, next } = await connect({ Origin: `http://${host}` });
    expect(await next()).toEqual({ type: 'service', connected: true });
    socket.send(JSON.stringify({ type: 'join', room: 'lounge', name: 'Ada', microphone: true }));
    expect(await next()).toMatchObject({ type: 'joined', participants: [{ name: 'Ada' }] });
  });

  it('gets an error when it sends an invalid message', async () => {
    const { socket, next } = await connect();
    await next();
    socket.send(new Uint8Array([1, 2, 3]));
    expect(await next()).toMatchObject({ type: 'error', code: 'bad_message' });
    socket.send('nonsense');
    expect(await next()).toMatchObject({ type: 'error', code: 'bad_message' });
  });

  it('is closed when it sends too much at once, while others stay open', async () => {
    const { next, socket: quiet } = await connect();
    await next();
    const { socket: loud } = await connect();
    loud.send('x'.repeat(300 * 1024));
    const [code] = await once(loud, 'close');
    expect(code).toBe(1009);
    quiet.send('still here');
    expect(await next()).toMatchObject({ type: 'error' });
  });
});
