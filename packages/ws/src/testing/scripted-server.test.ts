import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { connectWsClient } from '../client/index.ts';
import { startScriptedServer } from './scripted-server.ts';

async function setup() {
  const server = await startScriptedServer();
  onTestFinished(() => server.close());
  const client = connectWsClient({ url: server.url, auth: { type: 'bearer', token: 'token' } });
  await once(client, 'open');
  return { server, client, connection: await server.nextConnection() };
}

it('returns messages in order, including those that arrived before the request', async () => {
  const { client, connection } = await setup();
  for (const value of [1, 2, 3]) client.send(Uint8Array.of(value));
  expect(await connection.nextMessage()).toEqual(Uint8Array.of(1));
  await client.close();
  await connection.closed;
  expect(await connection.nextMessage()).toEqual(Uint8Array.of(2));
  expect(await connection.nextMessage()).toEqual(Uint8Array.of(3));
  expect(connection.received).toHaveLength(3);
});

it('rejects waits for messages that can no longer arrive', async () => {
  const { server, client, connection } = await setup();
  const message = connection.nextMessage();
  const another = server.nextConnection();
  const refusals = Promise.all([
    expect(message).rejects.toMatchObject({ code: 'closed' }),
    expect(another).rejects.toThrow('the scripted server is closed'),
  ]);
  const closed = once(client, 'close');
  await server.close();
  await refusals;
  await closed;
});

it('lets a client wait while it is not read, and resumes on request', async () => {
  const { client, connection } = await setup();
  connection.pauseReading();
  client.send(Uint8Array.of(1));
  expect(connection.received).toHaveLength(0);
  connection.resumeReading();
  expect(await connection.nextMessage()).toEqual(Uint8Array.of(1));
  await client.close();
});
