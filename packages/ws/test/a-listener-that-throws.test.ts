import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { bytes, connect, startServer } from './harness.ts';

/** Resolves with the next uncaught exception of the process, which the test runner does not get to see. */
function nextUncaughtException(): Promise<unknown> {
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  onTestFinished(() => {
    for (const listener of listeners) process.on('uncaughtException', listener);
  });
  return new Promise((resolve) => process.once('uncaughtException', resolve));
}

it('surfaces as an uncaught exception, and the client continues to read, and closes', async () => {
  const { ws, url } = await startServer();
  ws.on('message', ({ connID }, message) => ws.send(connID, message));
  const client = connect(url);
  client.once('message', () => {
    throw new Error('a bug in a listener');
  });
  const uncaught = nextUncaughtException();
  client.send(bytes(1));
  expect(await uncaught).toMatchObject({ message: 'a bug in a listener' });

  const next = once(client, 'message');
  client.send(bytes(2));
  expect(await next).toEqual([bytes(2)]);
  await client.close();
});

it('on the server leaves the connection and its other messages alone', async () => {
  const { ws, url } = await startServer();
  ws.once('message', () => {
    throw new Error('a bug in a listener');
  });
  const client = connect(url);
  const uncaught = nextUncaughtException();
  client.send(bytes(1));
  expect(await uncaught).toMatchObject({ message: 'a bug in a listener' });

  ws.on('message', ({ connID }, message) => ws.send(connID, message));
  const echo = once(client, 'message');
  client.send(bytes(2));
  expect(await echo).toEqual([bytes(2)]);
});
