import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { bytes, connect, echo, roundTrip, startServer } from './harness.ts';

/** Resolves with the next uncaught exception or warning of the process, which neither the test runner nor Node gets to see. */
function nextOfProcess(event: 'uncaughtException' | 'warning'): Promise<unknown> {
  const listeners = process.rawListeners(event) as ((error: Error) => void)[];
  process.removeAllListeners(event);
  onTestFinished(() => {
    for (const listener of listeners) process.on(event, listener);
  });
  return new Promise((resolve) => process.once(event, resolve));
}

it('surfaces as an uncaught exception, and the client continues to read, and closes', async () => {
  const { ws, url } = await startServer();
  ws.on('message', ({ connID }, message) => ws.send(connID, message));
  const client = connect(url);
  client.once('message', () => {
    throw new Error('a bug in a listener');
  });
  const uncaught = nextOfProcess('uncaughtException');
  client.send(bytes(1));
  expect(await uncaught).toMatchObject({ message: 'a bug in a listener' });

  const next = once(client, 'message');
  client.send(bytes(2));
  expect(await next).toEqual([bytes(2)]);
  await client.close();
});

it('on the server is reported, and leaves the connection and its other messages alone', async () => {
  const { ws, url } = await startServer();
  ws.once('message', () => {
    throw new Error('a bug in a listener');
  });
  const reported = once(ws, 'listenerError');
  const client = connect(url);
  client.send(bytes(1));
  expect(await reported).toMatchObject([
    { code: 'listener_failed', cause: { message: 'a bug in a listener' } },
    { clientID: 'alice' },
  ]);

  ws.on('message', ({ connID }, message) => ws.send(connID, message));
  const answer = once(client, 'message');
  client.send(bytes(2));
  expect(await answer).toEqual([bytes(2)]);
});

it('of open closes the connection that it was about, and no other', async () => {
  const { ws, url } = await startServer();
  echo(ws);
  const innocent = connect(url);
  await roundTrip(innocent);
  ws.once('open', async () => {
    throw new Error('a rejected promise');
  });
  const reported = once(ws, 'listenerError');
  const client = connect(url);
  expect(await once(client, 'close')).toEqual([{ code: 1011, reason: 'internal error' }]);
  expect(await reported).toMatchObject([{ cause: { message: 'a rejected promise' } }, { clientID: 'alice' }]);
  await roundTrip(innocent);
});

it('of close is reported, and keeps the server neither from closing nor from telling its other listeners', async () => {
  const { ws, url } = await startServer();
  ws.on('close', () => {
    throw new Error('a bug in a listener');
  });
  const closed = once(ws, 'close');
  const reported = once(ws, 'listenerError');
  const client = connect(url);
  await once(ws, 'open');
  await client.close();
  await closed;
  expect(await reported).toMatchObject([{ code: 'listener_failed' }, { clientID: 'alice' }]);
  expect(ws.connectionCount).toBe(0);
  await ws.close();
});

it('is a warning of the process if nothing listens for its errors', async () => {
  const { ws, url } = await startServer();
  ws.on('listenerError', () => {
    throw new Error('a bug in the listener of errors');
  });
  ws.once('open', () => {
    throw new Error('reported to the listener');
  });
  await once(connect(url), 'close');
  ws.removeAllListeners('listenerError');
  ws.once('open', () => {
    throw new Error('reported to no listener');
  });
  const warned = nextOfProcess('warning');
  connect(url);
  expect(await warned).toMatchObject({ name: 'WsError', cause: { message: 'reported to no listener' } });
});
