import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { Api } from '../src/index.ts';
import { createLogRecorder, startServer } from './test-server.ts';

const GET = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

async function open({ address }: Api, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: address.port, localAddress });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Sends requests one after the other, and counts the answers. */
function ask(socket: Socket, request: string, times: number): { answers: number } {
  const count = { answers: 0 };
  socket.on('data', (data) => {
    count.answers += data.toString().split('HTTP/1.1 ').length - 1;
    if (count.answers < times) socket.write(request);
  });
  socket.write(request);
  return count;
}

async function isServed(api: Api, localAddress: string): Promise<void> {
  const socket = await open(api, localAddress);
  socket.write(GET);
  await once(socket, 'data');
  socket.destroy();
}

it('closes connections over the limit of their address, and takes those of others', async () => {
  const logger = createLogRecorder();
  const api = await startServer({}, { sourceLimits: { maxConnections: 2 }, logger });
  const [first] = [await open(api), await open(api)];
  const third = await open(api);
  await once(third, 'close');
  expect(logger.lines).toContainEqual({
    level: 'warn',
    fields: { remoteAddress: '127.0.0.1', reason: 'too many connections' },
    message: 'connection refused',
  });
  await isServed(api, '127.0.0.2');

  first.destroy();
  for (let isTaken = false; !isTaken; ) {
    const next = await open(api);
    next.write(GET);
    isTaken = await Promise.race([once(next, 'data').then(() => true), once(next, 'close').then(() => false)]);
  }
});

it('makes the requests of an address wait that has sent too many, and no others', async () => {
  const api = await startServer({}, { sourceLimits: { requestsPerSecond: 0.01 } });
  // Less than one at once, and a hundred seconds until the next: the one that overdraws the budget is answered.
  const flood = ask(await open(api), GET, 3);
  while (flood.answers < 1) await isServed(api, '127.0.0.2').catch(() => {});
  const other = await open(api, '127.0.0.3');
  other.write(GET);
  await once(other, 'data');
  expect(flood.answers).toBe(1);
});

it('answers requests that have waited, in their order', async () => {
  const api = await startServer({}, { sourceLimits: { requestsPerSecond: 30 } });
  const socket = await open(api);
  const count = ask(socket, GET, 40);
  while (count.answers < 40) await once(socket, 'data');
  expect(count.answers).toBe(40);
});

it('charges a scrape more than other requests, and a body by its size', async () => {
  const scrapes: string[] = [];
  const metrics = async () => {
    scrapes.push('scrape');
    return { contentType: 'text/plain', body: 'up 1\n' };
  };
  const api = await startServer({ metrics }, { sourceLimits: { requestsPerSecond: 0.9 } });
  const flood = ask(await open(api), 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n', 2);
  while (flood.answers < 1) await isServed(api, '127.0.0.2');
  await isServed(api, '127.0.0.2');
  expect(scrapes).toHaveLength(1);
});

it('closes a connection that sends requests without waiting for answers', async () => {
  const api = await startServer({ login: () => new Promise<never>(() => {}) });
  const socket = await open(api);
  socket.resume();
  socket.write('POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}'.repeat(1_000));
  await once(socket, 'close');
  await isServed(api, '127.0.0.1');
});
