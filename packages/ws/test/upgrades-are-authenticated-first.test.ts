import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Logger } from '../src/index.ts';
import { createFakeClock } from '../src/testing/index.ts';
import { basicUser, connect, startServer } from './harness.ts';
import { rawAnswer, rawConnect, rawUpgrade, upgradeRequest } from './raw-client.ts';

const rejecting = (error: unknown) => ({ authenticate: () => Promise.reject(error) });
const statusOf = (answer: string): number => Number(answer.split(' ')[1]);

/** An `authenticate` that settles when told. */
function gate() {
  const requests: PromiseWithResolvers<{ clientID: string }>[] = [];
  const authenticate = () => {
    const request = Promise.withResolvers<{ clientID: string }>();
    requests.push(request);
    return request.promise;
  };
  return { requests, authenticate };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

describe('a refused upgrade', () => {
  it('is a plain HTTP response with the status and text of the rejection', async () => {
    const { ws, port } = await startServer();
    const answer = await rawAnswer(port, upgradeRequest(''));
    expect(answer).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    expect(answer).toMatch(/\r\n\r\nauthentication failed: invalid auth header\n$/);
    expect(ws.connectionCount).toBe(0);
  });

  it.each([
    ['without a status', new Error('secret of the house'), 500],
    ['with the status of a server error', Object.assign(new Error('secret of the house'), { status: 502 }), 502],
  ])('does not reveal internal errors: a rejection %s', async (_, error, status) => {
    const { port } = await startServer(rejecting(error));
    const answer = await rawAnswer(port, upgradeRequest('alice'));
    expect(statusOf(answer)).toBe(status);
    expect(answer).not.toContain('secret');
  });

  it('explains a refusal that is temporary', async () => {
    const { port } = await startServer(rejecting(Object.assign(new Error('too many at once'), { status: 503 })));
    const answer = await rawAnswer(port, upgradeRequest('alice'));
    expect(answer).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n(.*\r\n)*Retry-After: \d+\r\n/);
    expect(answer).toMatch(/\r\n\r\ntoo many at once\n$/);
  });

  it.each([99, 200, 700, Number.NaN])('is a 500 when the rejection has the useless status %s', async (status) => {
    const { port } = await startServer(rejecting(Object.assign(new Error('odd'), { status })));
    expect(statusOf(await rawAnswer(port, upgradeRequest('alice')))).toBe(500);
  });

  it('is logged with the remote address and without credentials', async () => {
    const lines: string[] = [];
    const log = (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message }));
    const logger: Logger = { debug: log, info: log, warn: log, error: log, child: () => logger };
    const { port } = await startServer({ ...rejecting(Object.assign(new Error('no'), { status: 401 })), logger });
    await rawAnswer(port, upgradeRequest('alice'));
    expect(lines).toEqual([
      '{"remoteAddress":"127.0.0.1","status":401,"reason":"no","message":"websocket upgrade refused"}',
    ]);
  });
});

describe('a request that is no WebSocket upgrade', () => {
  const proper = upgradeRequest('alice');
  it.each([
    ['another method', proper.replace('GET', 'POST'), 405],
    ['another protocol', proper.replace('Upgrade: websocket', 'Upgrade: h2c'), 400],
    ['another version', proper.replace('Version: 13', 'Version: 12'), 426],
    ['no key', proper.replace(/Sec-WebSocket-Key.*\r\n/, ''), 400],
    ['a short key', proper.replace('dGhl', ''), 400],
  ])('with %s is refused before authentication', async (_name, request, status) => {
    let asked = 0;
    const { port } = await startServer({
      authenticate: (upgrade) => {
        asked += 1;
        return basicUser(upgrade);
      },
    });
    expect(statusOf(await rawAnswer(port, request))).toBe(status);
    expect(asked).toBe(0);
  });
});

describe('an upgrade that a web page asks for', () => {
  it.each([
    ['http://localhost', 101],
    ['https://LOCALHOST', 101],
    ['http://localhost:8065', 403],
    ['https://example.com', 403],
    ['http://localhost.example.com', 403],
    ['http://localhost@example.com', 403],
    ['http://example.com/localhost', 403],
    ['null', 403],
    ['', 403],
  ])('from %j is answered with %d at localhost', async (origin, status) => {
    let asked = 0;
    const { port } = await startServer({
      authenticate: (upgrade) => {
        asked += 1;
        return basicUser(upgrade);
      },
    });
    const socket = await rawConnect(port);
    socket.write(upgradeRequest('alice', `Origin: ${origin}\r\n`));
    const [answer] = await once(socket, 'data');
    expect(statusOf(String(answer))).toBe(status);
    expect(asked).toBe(status === 101 ? 1 : 0);
  });
});

describe('a subprotocol that the client offers', () => {
  it('is not answered', async () => {
    const { port } = await startServer();
    const socket = await rawConnect(port);
    socket.write(upgradeRequest('alice', 'Sec-WebSocket-Protocol: mattermost, calls\r\n'));
    const [answer] = await once(socket, 'data');
    expect(statusOf(String(answer))).toBe(101);
    expect(String(answer).toLowerCase()).not.toContain('sec-websocket-protocol');
  });

  it("is refused in the server's own format if it is malformed", async () => {
    const { port } = await startServer();
    const answer = await rawAnswer(port, upgradeRequest('alice', 'Sec-WebSocket-Protocol: a,,b\r\n'));
    expect(statusOf(answer)).toBe(400);
    expect(answer).toMatch(/\r\n\r\n.*Sec-WebSocket-Protocol.*\n$/);
  });
});

describe('bounds before and at the door', () => {
  it('limits the number of upgrades that wait for authentication', async () => {
    const { requests, authenticate } = gate();
    const { port, ws } = await startServer({ authenticate, limits: { maxPendingUpgrades: 2 } });
    const waiting = [rawUpgrade(port, 'a'), rawUpgrade(port, 'b')];
    await until(() => requests.length === 2);
    expect(statusOf(await rawAnswer(port, upgradeRequest('c')))).toBe(503);
    for (const request of requests) request.resolve({ clientID: 'x' });
    await Promise.all(waiting);
    expect(ws.connectionCount).toBe(2);
  });

  it('limits the number of upgrades of one address that wait for authentication', async () => {
    const { requests, authenticate } = gate();
    const { port } = await startServer({ authenticate, limits: { maxPendingUpgradesPerSource: 1 } });
    const waiting = rawUpgrade(port, 'a');
    await until(() => requests.length === 1);
    expect(statusOf(await rawAnswer(port, upgradeRequest('b')))).toBe(503);
    const elsewhere = rawUpgrade(port, 'c', '127.0.0.2');
    await until(() => requests.length === 2);
    for (const request of requests) request.resolve({ clientID: 'x' });
    await Promise.all([waiting, elsewhere]);
    void rawUpgrade(port, 'd');
    await until(() => requests.length === 3);
  });

  it('answers 503 when authentication takes too long, and still counts its work', async () => {
    const clock = createFakeClock();
    const { requests, authenticate } = gate();
    const { port } = await startServer({ authenticate, clock, limits: { maxPendingUpgrades: 1 } });
    const answer = rawAnswer(port, upgradeRequest('a'));
    await until(() => requests.length === 1);
    clock.advance(15_000);
    expect(statusOf(await answer)).toBe(503);
    expect(statusOf(await rawAnswer(port, upgradeRequest('b')))).toBe(503);
    expect(requests).toHaveLength(1);
  });

  it('limits connections, in total and per client, however simultaneous', async () => {
    const { requests, authenticate } = gate();
    const { ws, port } = await startServer({ authenticate, limits: { maxConnections: 5, maxConnectionsPerClient: 2 } });
    const answers = ['a', 'a', 'a'].map((clientID) => rawAnswer(port, upgradeRequest(clientID)));
    await until(() => requests.length === 3);
    const closed = Promise.race(answers);
    for (const request of requests) request.resolve({ clientID: 'a' });
    const refused = await closed;
    expect(statusOf(refused)).toBe(429);
    expect(refused).toContain('too many connections of this client (at most 2)');
    expect(ws.connectionCount).toBe(2);
  });

  it('answers 503 when all places are taken, and admits clients when one is free again', async () => {
    const { ws, port, url } = await startServer({ limits: { maxConnections: 1 } });
    const first = connect(url);
    await once(first, 'open');
    expect(statusOf(await rawAnswer(port, upgradeRequest('bob')))).toBe(503);
    const left = once(ws, 'close');
    await first.close();
    await left;
    await once(connect(url), 'open');
  });

  it('keeps nothing of a client that disconnected while it was authenticated', async () => {
    const { requests, authenticate } = gate();
    const { ws, http, port } = await startServer({ authenticate });
    const open: unknown[] = [];
    ws.on('open', (connection) => open.push(connection));
    ws.on('close', (connection) => open.splice(open.indexOf(connection), 1));
    const socket = await rawConnect(port);
    socket.write(upgradeRequest('a'));
    await until(() => requests.length === 1);
    socket.resetAndDestroy();
    requests[0]?.resolve({ clientID: 'a' });
    await new Promise<void>((resolve) => {
      http.close(() => resolve());
    });
    await until(() => ws.connectionCount === 0 && open.length === 0);
  });
});
