import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { ApiHandlers, ApiOptions } from '../src/index.ts';
import { startServer } from './test-server.ts';

/** Sends the bytes of a request and reads all that comes until the server ends the connection. */
async function send(bytes: string, handlers: Partial<ApiHandlers> = {}, options: Partial<ApiOptions> = {}) {
  const { address } = await startServer(handlers, options);
  const socket = connect({ host: '127.0.0.1', port: address.port });
  socket.write(bytes);
  const answer = await text(socket);
  const [head = '', body] = answer.split('\r\n\r\n');
  const [statusLine = '', ...headers] = head.split('\r\n');
  return { status: Number(statusLine.split(' ')[1]), headers: headers.map((header) => header.toLowerCase()), body };
}

const CLOSE = 'Connection: close\r\n';

describe('requests of load balancers and old clients', () => {
  it.each([
    ['HTTP/1.0 without Host', 'GET /healthz HTTP/1.0\r\n\r\n'],
    [
      'HTTP/1.0 with OPTIONS, as HAProxy checks by default, for a path of any method',
      'OPTIONS /metrics HTTP/1.0\r\n\r\n',
    ],
    ['an empty Host', `GET /healthz HTTP/1.1\r\nHost:\r\n${CLOSE}\r\n`],
    ['the absolute form', `GET http://other.example/healthz HTTP/1.1\r\nHost: other.example\r\n${CLOSE}\r\n`],
    ['a Host that is an IPv6 address', `GET /healthz HTTP/1.1\r\nHost: [::1]:8045\r\n${CLOSE}\r\n`],
    ['an unusual Host', `GET /healthz HTTP/1.1\r\nHost: my_Balancer.internal.:80\r\n${CLOSE}\r\n`],
  ])('are served: %s', async (_, bytes) => {
    expect((await send(bytes)).status).toBe(200);
  });

  it('are served without Host on every route', async () => {
    const body = '{"clientID":"a","authKey":"b"}';
    const answer = await send(`POST /login HTTP/1.0\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    expect(answer).toMatchObject({ status: 200, body: '{"bearerToken":"a","code":"200"}\n' });
  });
});

describe('requests that reach no route are answered in the form of all others', () => {
  it.each([
    ['HTTP/1.1 without Host', `GET /healthz HTTP/1.1\r\n${CLOSE}\r\n`, 400, 'bad request: no Host header'],
    [
      'two Hosts',
      `GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n${CLOSE}\r\n`,
      400,
      'bad request: more than one Host header',
    ],
    [
      'a Host that is none',
      `GET /healthz HTTP/1.1\r\nHost: a b\r\n${CLOSE}\r\n`,
      400,
      'bad request: invalid request target or Host header',
    ],
    [
      'a target that is no path',
      `OPTIONS * HTTP/1.1\r\nHost: a\r\n${CLOSE}\r\n`,
      400,
      'bad request: invalid request target or Host header',
    ],
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\r\n\r\n', 400, 'bad request'],
    ['an unknown method', 'FETCH / HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'bad request'],
    ['HTTP/2 without its negotiation', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'bad request'],
    [
      'headers that are too long',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'request header fields too large',
    ],
    [
      'an expectation that cannot be met',
      `POST /login HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n${CLOSE}\r\n`,
      417,
      'expectation failed',
    ],
    ['CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n', 404, '404 page not found'],
    ['TRACE', `TRACE / HTTP/1.1\r\nHost: a\r\n${CLOSE}\r\n`, 404, '404 page not found'],
    [
      'an upgrade where there is none',
      'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      404,
      '404 page not found',
    ],
  ])('%s', async (_, bytes, status, line) => {
    const answer = await send(bytes);
    expect(answer).toMatchObject({ status, body: `${line}\n` });
    expect(answer.headers).toContain('content-type: text/plain; charset=utf-8');
    expect(answer.headers).toContain('x-content-type-options: nosniff');
    expect(answer.headers).toContain('connection: close');
  });

  it('a request that takes too long', async () => {
    const answer = await send('GET /version HTTP/1.1\r\n', {}, { timeouts: { readMs: 50 } });
    expect(answer).toMatchObject({ status: 408, body: 'request timeout\n' });
  });

  it('writes nothing into an answer that has begun', async () => {
    const { address } = await startServer({
      metrics: async () => ({ contentType: 'text/plain', body: 'x'.repeat(40_000_000) }),
    });
    const socket = connect({ host: '127.0.0.1', port: address.port });
    socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
    const [beginning] = await once(socket, 'data');
    socket.write('nonsense\r\n\r\n');
    const rest = await text(socket).catch((error: NodeJS.ErrnoException) => error.code);
    expect(String(beginning)).toMatch(/^HTTP\/1\.1 200 /);
    expect(rest).not.toContain('HTTP/1.1');
  });
});
