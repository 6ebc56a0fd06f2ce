import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Api } from '../src/index.ts';
import { startServer } from './test-server.ts';

function open({ address }: Api): Socket {
  const socket = connect({ host: '127.0.0.1', port: address.port });
  onTestFinished(() => void socket.destroy());
  return socket;
}

const UPGRADE = 'Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

describe('slow peers', () => {
  it('gives up on headers that do not end', async () => {
    const api = await startServer({}, { timeouts: { readMs: 50 } });
    const socket = open(api);
    socket.write('GET /version HTTP/1.1\r\nHost: localhost\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1.1 408 /);
  });

  it('gives up on a body that does not end', async () => {
    const api = await startServer({}, { timeouts: { readMs: 50 } });
    const socket = open(api);
    socket.write('POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{');
    expect(await text(socket)).toMatch(/^HTTP\/1.1 408 /);
  });

  it('closes a connection without further requests', async () => {
    const api = await startServer({}, { timeouts: { idleMs: 10 } });
    const socket = open(api);
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await text(socket)).toMatch(/ok\n$/);
  });

  it('aborts a request whose answer takes too long', async () => {
    const login = () => new Promise<never>(() => {});
    const api = await startServer({ login }, { timeouts: { writeMs: 50 } });
    await expect(fetch(`${api.url}/login`, { method: 'POST', body: '{}' })).rejects.toThrow();
  });
});

describe('close', () => {
  it('lets a pending request finish, closes idle connections, and accepts no more', async () => {
    const started = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<string>();
    const login = () => {
      started.resolve();
      return answer.promise;
    };
    const api = await startServer({ login });
    await fetch(`${api.url}/healthz`);
    const underWay = fetch(`${api.url}/login`, { method: 'POST', body: '{}' });
    await started.promise;
    const closed = api.close();
    expect(api.close()).toBe(closed);
    const late = open(api);
    await expect(once(late, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    answer.resolve('token');
    expect(await (await underWay).json()).toEqual({ code: '200', bearerToken: 'token' });
    await closed;
  });
});

describe('upgrades', () => {
  it('passes on those to /ws, and counts their sockets as open until they end', async () => {
    const handed = Promise.withResolvers<Duplex>();
    const api = await startServer(
      {},
      {
        onUpgrade: (request, socket, head) => {
          expect(request.url).toBe('/ws?query');
          expect(head.toString()).toBe('first bytes');
          socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
          handed.resolve(socket);
        },
      },
    );
    const client = open(api);
    client.write(`GET /ws?query HTTP/1.1\r\n${UPGRADE}first bytes`);
    const socket = await handed.promise;
    let isClosed = false;
    const closed = api.close().then(() => {
      isClosed = true;
    });
    await once(client, 'data');
    expect(isClosed).toBe(false);
    socket.destroy();
    await closed;
  });

  it.each(['/', '/version', '/ws/'])('are not passed on for %s', async (path) => {
    const api = await startServer({}, { onUpgrade: () => expect.unreachable() });
    const client = open(api);
    client.write(`GET ${path} HTTP/1.1\r\n${UPGRADE}`);
    client.end();
    const status = path === '/version' ? 200 : 404;
    expect(await text(client)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it('are refused without a handler', async () => {
    const api = await startServer();
    const client = open(api);
    client.write(`GET /ws HTTP/1.1\r\n${UPGRADE}`);
    expect(await text(client)).toMatch(/^HTTP\/1.1 404 /);
  });
});
