import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeClientMessage, encodeClientMessage } from '@rtcd/protocol';
import { sampleSessionConfig } from '@rtcd/protocol/testing';
import { createFakeClock, startScriptedServer } from '@rtcd/ws/testing';
import { expect, it, onTestFinished } from 'vitest';
import { CREDENTIALS, newClient, next, startRtcd } from './test-bench.ts';

/** Lets what is under way on the sockets settle until the clock has a timer to wait for. */
async function untilWaiting(clock: ReturnType<typeof createFakeClock>): Promise<void> {
  while (clock.pendingTimers === 0) await new Promise((resolve) => setImmediate(resolve));
}

function joinData(sessionID: string) {
  const { callID, userID, props } = sampleSessionConfig();
  return { callID, userID, sessionID, ...props };
}

it('waits 2 s, then 4 s, then 6 s, and reports the number of the attempt', async () => {
  const clock = createFakeClock();
  const rtcd = await startRtcd();
  const attempts: [attempt: number, atMs: number][] = [];
  const errors: string[] = [];
  const client = newClient({
    url: rtcd.url,
    clock,
    onReconnect: (attempt) => {
      attempts.push([attempt, clock.nowMs()]);
      rtcd.refusesAuth = attempt < 3;
    },
  });
  client.on('error', ({ message }) => errors.push(message));
  await client.connect();
  const firstConnID = client.connID;

  const disconnected = next(client, 'disconnected');
  rtcd.cutConnections();
  expect((await disconnected)[0]).toMatchObject({ code: 'connection_lost' });
  expect(client.phase).toBe('reconnecting');
  expect(client.connID).toBeUndefined();

  const connected = next(client, 'connected');
  for (const waitMs of [2000, 4000, 6000]) {
    await untilWaiting(clock);
    const before = attempts.length;
    clock.advance(waitMs - 1);
    expect(attempts).toHaveLength(before);
    clock.advance(1);
    while (attempts.length === before) await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await connected)[0]).toEqual({ connID: client.connID, reconnected: true });
  expect(client.connID).not.toBe(firstConnID);
  expect(attempts).toEqual([
    [1, 2000],
    [2, 6000],
    [3, 12_000],
  ]);
  expect(errors).toEqual(Array(2).fill(expect.stringMatching(/^failed to re-connect: failed to connect: .*401/)));
});

it.each([
  [
    'throws',
    () => {
      throw new Error('enough');
    },
  ],
  ['rejects', () => Promise.reject(new Error('enough'))],
])('a callback that %s closes the client', async (_, onReconnect) => {
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url, reconnectIntervalMs: 1, onReconnect });
  await client.connect();
  const [error, closed] = [next(client, 'error'), next(client, 'closed')];
  rtcd.cutConnections();
  expect((await error)[0]).toMatchObject({ code: 'reconnect_stopped', message: 'reconnect callback failed: enough' });
  expect((await closed)[0]).toMatchObject({ code: 'reconnect_stopped' });
  expect(client.phase).toBe('closed');
  await expect(client.connect()).rejects.toThrow('ws client is closed');
});

it('reclaims sessions that joined and have not ended', async () => {
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url, reconnectIntervalMs: 1 });
  await client.connect();
  for (const sessionID of ['s1', 's2', 's3', 's4']) client.join(joinData(sessionID));
  client.leave('s2');
  await rtcd.nextMessage(({ message }) => message.type === 'leave');
  const closed = new Promise((resolve) => client.on('sessionClosed', (id) => id === 's3' && resolve(id)));
  rtcd.closeSession('s3');
  await closed;

  rtcd.cutConnections();
  await rtcd.nextMessage(({ message }) => message.type === 'reconnect' && message.data.sessionID === 's4');
  const claimed = rtcd.received.flatMap(({ message, connID }) =>
    message.type === 'reconnect' ? [[message.data.sessionID, connID]] : [],
  );
  expect(claimed).toEqual([
    ['s1', client.connID],
    ['s4', client.connID],
  ]);
});

it('does not reclaim a session that left, even if rtcd could not confirm it', async () => {
  const hello = encodeClientMessage({ type: 'hello', data: { clientID: CREDENTIALS.clientID, connID: 'id' } });
  const server = await startScriptedServer({ onOpen: (connection) => connection.send(hello) });
  onTestFinished(() => server.close());
  const client = newClient({ url: server.url.replace('ws:', 'http:').replace('/ws', ''), reconnectIntervalMs: 1 });
  await client.connect();
  const first = await server.nextConnection();
  client.join(joinData('s1'));
  client.join(joinData('s2'));
  client.leave('s1');
  for (let messages = 0; messages < 3; messages++) await first.nextMessage();
  first.drop();
  const second = await server.nextConnection();
  expect(decodeClientMessage(await second.nextMessage())).toEqual({ type: 'reconnect', data: { sessionID: 's2' } });
});

it('leaves reclaiming to the caller if configured', async () => {
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url, reconnectIntervalMs: 1, resumeSessions: false });
  await client.connect();
  client.join(joinData('s1'));
  await rtcd.nextMessage(({ message }) => message.type === 'join');
  const connected = next(client, 'connected');
  rtcd.cutConnections();
  await connected;
  client.leave('s1');
  await rtcd.nextMessage(({ message }) => message.type === 'leave');
  expect(rtcd.received.map(({ message }) => message.type)).toEqual(['join', 'leave']);
});

it('registers again with an rtcd that has forgotten it', async () => {
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url, reconnectIntervalMs: 1, registerOnDemand: true });
  await client.connect();
  const connected = next(client, 'connected');
  rtcd.restart();
  await connected;
  expect([...rtcd.clients]).toEqual([[CREDENTIALS.clientID, CREDENTIALS.authKey]]);
});

it('does not register on demand if another client has the id', async () => {
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url, authKey: 'b'.repeat(32), registerOnDemand: true });
  await expect(client.connect()).rejects.toMatchObject({ code: 'unauthorized', status: 401 });
  expect(client.phase).toBe('idle');
});

it('does not register on demand when something else is wrong', async () => {
  const server = createServer((_request, response) => response.writeHead(201).end('{}')).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
  });
  let requests = 0;
  server.on('request', () => requests++);
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n'));
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = newClient({ url, registerOnDemand: true });
  await expect(client.connect()).rejects.toMatchObject({ code: 'connect_failed', status: 503 });
  expect(requests).toBe(0);
});

it('reports why it could not register on demand', async () => {
  const rtcd = await startRtcd({ clients: {} });
  const client = newClient({ url: rtcd.url, authKey: 'short', registerOnDemand: true });
  await expect(client.connect()).rejects.toThrow('request failed: registration failed: key not long enough');
});

it('closing ends the wait', async () => {
  const clock = createFakeClock();
  const rtcd = await startRtcd();
  const client = newClient({ url: rtcd.url, clock });
  await client.connect();
  const disconnected = next(client, 'disconnected');
  rtcd.cutConnections();
  await disconnected;
  await untilWaiting(clock);
  const closed = next(client, 'closed');
  await client.close();
  expect(await closed).toEqual([undefined]);
  expect(clock.pendingTimers).toBe(0);
});
