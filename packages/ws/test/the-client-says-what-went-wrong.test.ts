import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type WsClient, WsError } from '../src/index.ts';
import { createFakeClock, startScriptedServer } from '../src/testing/index.ts';
import { bytes, connect, startServer } from './harness.ts';

/** Everything that a client reports until it is closed. */
function ending(client: WsClient): Promise<unknown[]> {
  const events: unknown[] = [];
  client.on('error', (error) => events.push(error));
  client.on('open', () => events.push('open'));
  return new Promise((resolve) => {
    client.on('close', ({ code }) => {
      events.push(code);
      resolve(events);
    });
  });
}

/** A TCP server that says `answer` to each client. */
async function startTcpServer(answer: string | Uint8Array): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`;
}

describe('an upgrade that is refused', () => {
  it('with 401 is `unauthorized` and carries the reason', async () => {
    const { url } = await startServer();
    const client = connect(url, { auth: { type: 'basic', clientID: '', authKey: 'key' } });
    const [error, code] = await ending(client);
    expect(error).toBeInstanceOf(WsError);
    expect(error).toMatchObject({
      code: 'unauthorized',
      status: 401,
      message: 'the server refused the WebSocket upgrade with status 401: authentication failed: invalid auth header',
    });
    expect(code).toBe(1006);
    expect(() => client.send(bytes(1))).toThrow(expect.objectContaining({ code: 'closed' }));
  });

  it('with another status is `unexpected_response`, with only the beginning of its text', async () => {
    const server = await startScriptedServer({ onUpgrade: () => ({ status: 503, body: `a\n${'b'.repeat(1e6)}` }) });
    const [error] = await ending(connect(server.url));
    expect(error).toMatchObject({ code: 'unexpected_response', status: 503 });
    expect((error as Error).message).toMatch(/status 503: a b{1022}$/);
    expect(server.upgrades).toHaveLength(1);
    await server.close();
  });

  it('does not follow redirects', async () => {
    const url = await startTcpServer('HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n');
    expect((await ending(connect(url)))[0]).toMatchObject({ code: 'unexpected_response', status: 302 });
  });
});

describe('a connection that does not come about', () => {
  it('is `connect_failed` when no server listens', async () => {
    expect(await ending(connect('ws://127.0.0.1:1/ws'))).toEqual([
      expect.objectContaining({ code: 'connect_failed', message: expect.stringContaining('ECONNREFUSED') }),
      1006,
    ]);
  });

  it.each([
    ['garbage', '\x00\x01garbage\r\n\r\n'],
    [
      'a 101 with a wrong key',
      'HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n',
    ],
  ])('is `connect_failed` when the answer is %s', async (_name, answer) => {
    expect((await ending(connect(await startTcpServer(answer))))[0]).toMatchObject({ code: 'connect_failed' });
  });

  it('is `timeout` when the server does not respond', async () => {
    const clock = createFakeClock();
    const ended = ending(connect(await startTcpServer(''), { clock }));
    clock.advance(15_000);
    expect(await ended).toEqual([
      expect.objectContaining({ code: 'timeout', message: 'no connection within 15000 ms' }),
      1006,
    ]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('an AbortSignal', () => {
  it('stops a connection that is being made', async () => {
    const stop = new AbortController();
    const ended = ending(connect(await startTcpServer(''), { signal: stop.signal }));
    stop.abort();
    expect(await ended).toEqual([expect.objectContaining({ code: 'aborted' }), 1006]);
  });

  it('that has fired already is reported like any other', async () => {
    const { url } = await startServer();
    const ended = ending(connect(url, { signal: AbortSignal.abort() }));
    expect(await ended).toEqual([expect.objectContaining({ code: 'aborted' }), 1006]);
  });

  it('ends an open connection', async () => {
    const { url } = await startServer();
    const stop = new AbortController();
    const client = connect(url, { signal: stop.signal });
    const ended = ending(client);
    await once(client, 'open');
    stop.abort();
    expect(await ended).toEqual(['open', expect.objectContaining({ code: 'aborted' }), 1006]);
  });
});

describe('an open connection', () => {
  it('reports the code and reason with which the server closed it', async () => {
    const server = await startScriptedServer({ onOpen: (connection) => connection.close(4001, 'go away') });
    const client = connect(server.url);
    expect((await once(client, 'close'))[0]).toEqual({ code: 4001, reason: 'go away' });
    await server.close();
  });

  it('reports 1006 when the connection breaks', async () => {
    const server = await startScriptedServer({ onOpen: (connection) => connection.drop() });
    expect(await ending(connect(server.url))).toEqual(['open', 1006]);
    await server.close();
  });

  it('ends with `connection_lost` when the server violates the protocol', async () => {
    const server = await startScriptedServer({
      onOpen: (connection) => connection.send(new Uint8Array(1024 * 1024 + 1)),
    });
    const [, error] = await ending(connect(server.url));
    expect(error).toMatchObject({ code: 'connection_lost', message: expect.stringContaining('payload') });
    await server.close();
  });

  it('ignores text', async () => {
    const server = await startScriptedServer({
      onOpen: (connection) => {
        connection.sendText('hello');
        connection.sendText('hello');
        connection.send(bytes(1));
      },
    });
    const warnings: string[] = [];
    const quiet = () => {};
    const logger = {
      debug: quiet,
      info: quiet,
      error: quiet,
      warn: (_fields: object, message: string) => void warnings.push(message),
      child: () => logger,
    };
    const client = connect(server.url, { logger });
    expect((await once(client, 'message'))[0]).toEqual(bytes(1));
    expect(warnings).toHaveLength(1);
    await server.close();
  });

  it('refuses to send more than a message may have', async () => {
    const { url } = await startServer();
    const client = connect(url);
    await once(client, 'open');
    expect(() => client.send(new Uint8Array(1024 * 1024 + 1))).toThrow(expect.objectContaining({ code: 'too_large' }));
  });

  it('throws to the sender when the queue is full', async () => {
    const server = await startScriptedServer({ onOpen: (connection) => connection.pauseReading() });
    const client = connect(server.url, { maxQueue: 20 });
    await once(client, 'open');
    const fill = async () => {
      for (;;) {
        client.send(new Uint8Array(512 * 1024));
        await new Promise(setImmediate);
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: 'queue_full' });
    await server.close();
  });
});
