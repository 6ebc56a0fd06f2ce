import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type WsConnection, WsError } from '../src/index.ts';
import { createFakeClock } from '../src/testing/index.ts';
import { bytes, connect, startServer } from './harness.ts';
import { rawAnswer, rawUpgrade, upgradeRequest } from './raw-client.ts';

describe('closing the server', () => {
  it('delivers queued messages, then closes all connections with 1001', async () => {
    const { ws, url } = await startServer();
    const clients = [connect(url), connect(url), connect(url)];
    await Promise.all(clients.map((client) => once(client, 'open')));
    const received = clients.map((client) => once(client, 'message'));
    const goodbyes = clients.map((client) => once(client, 'close'));
    for (const { connID } of ws.connections) ws.send(connID, bytes(1));
    await ws.close();
    expect(ws.connectionCount).toBe(0);
    for (const [message] of await Promise.all(received)) expect(message).toEqual(bytes(1));
    for (const [info] of await Promise.all(goodbyes)) {
      expect(info).toEqual({ code: 1001, reason: 'the server is shutting down' });
    }
  });

  it('refuses newcomers with 503', async () => {
    const { ws, port } = await startServer();
    await ws.close();
    await ws.close();
    expect(await rawAnswer(port, upgradeRequest('late'))).toMatch(/^HTTP\/1\.1 503 /);
  });

  it('refuses those whose authentication finishes only then', async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<{ clientID: string }>();
    const authenticate = () => {
      asked.resolve();
      return answer.promise;
    };
    const { ws, port } = await startServer({ authenticate });
    const refused = rawAnswer(port, upgradeRequest('late'));
    await asked.promise;
    await ws.close();
    answer.resolve({ clientID: 'late' });
    expect(await refused).toMatch(/^HTTP\/1\.1 503 /);
    expect(ws.connectionCount).toBe(0);
  });

  it('does not wait forever for one that does not answer the close frame', async () => {
    const clock = createFakeClock();
    const { ws, port } = await startServer({ clock });
    await rawUpgrade(port, 'mute');
    const closed = ws.close();
    clock.advance(5_000);
    await closed;
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not wait forever for one that does not read', async () => {
    const clock = createFakeClock();
    const { ws, port } = await startServer({ clock });
    const opened = once(ws, 'open') as Promise<[WsConnection]>;
    await rawUpgrade(port, 'slow');
    const [slow] = await opened;
    while (slow.queuedBytes < 1024 * 1024) {
      ws.send(slow.connID, new Uint8Array(256 * 1024));
      await new Promise(setImmediate);
    }
    const closed = ws.close();
    expect(() => ws.send(slow.connID, bytes(1))).toThrow(WsError);
    clock.advance(10_000);
    await closed;
  });
});

it('ends one connection alone', async () => {
  const { ws, url } = await startServer();
  const [first, second] = [connect(url), connect(url)];
  const opened = once(ws, 'open') as Promise<[WsConnection]>;
  await Promise.all([once(first, 'open'), once(second, 'open')]);
  const [connection] = await opened;
  const closed = Promise.race([once(first, 'close'), once(second, 'close')]);
  const gone = once(ws, 'close');
  connection.close(4000, 'unregistered');
  expect((await closed)[0]).toEqual({ code: 4000, reason: 'unregistered' });
  await gone;
  expect(ws.connectionCount).toBe(1);
  expect(ws.connection(connection.connID)).toBeUndefined();
});

it('resolves once a connection is closed, however often it is asked to close it', async () => {
  const { ws, url } = await startServer();
  const client = connect(url);
  const [connection] = (await once(ws, 'open')) as [WsConnection];
  const closed = once(client, 'close');
  const first = connection.close(4000, 'unregistered');
  await Promise.all([first, connection.close(4001, 'once more')]);
  expect(ws.connectionCount).toBe(0);
  await connection.close();
  expect((await closed)[0]).toEqual({ code: 4000, reason: 'unregistered' });
});
