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

it('hands out messages in order, also those that came before they were asked for', async () => {
  const { client, connection } = await setup();
  for (const value of [1, 2, 3]) client.send(Uint8Array.of(value));
  expect(await connection.nextMessage()).toEqual(Uint8Array.of(1));
  await client.close();
  await connection.closed;
  expect(await connection.nextMessage()).toEqual(Uint8Array.of(2));
  expect(await connection.nextMessage()).toEqual(Uint8Array.of(3));
  expect(connection.received).toHaveLength(3);
});

it('does not leave anybody waiting for what cannot come any more', async () => {
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

it('lets a client that is not read wait, and reads on when told', async () => {
  const { client, connection } = await setup();
  connection.pauseReading();
  client.send(Uint8Array.of(1));
  expect(connection.received).toHaveLength(0);
  connection.resumeReading();
  expect(await connection.nextMessage()).toEqual(Uint8Array.of(1));
  await client.close();
});
