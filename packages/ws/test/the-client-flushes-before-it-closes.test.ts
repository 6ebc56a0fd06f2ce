import { once } from 'node:events';
import { expect, it } from 'vitest';
import { createFakeClock, startScriptedServer } from '../src/testing/index.ts';
import { bytes, connect } from './harness.ts';

it('sends everything that is queued, then closes with 1000', async () => {
  const server = await startScriptedServer();
  const client = connect(server.url);
  await once(client, 'open');
  for (let i = 0; i < 1000; i += 1) client.send(new Uint8Array(1000).fill(i));
  await client.close();
  const connection = await server.nextConnection();
  expect((await connection.closed).code).toBe(1000);
  expect(connection.received.map(([first]) => first)).toEqual(Array.from({ length: 1000 }, (_, i) => i % 256));
  await server.close();
});

it('does so even if it was not connected yet', async () => {
  const server = await startScriptedServer();
  const client = connect(server.url);
  client.send(bytes(1));
  const closing = client.close();
  expect(() => client.send(bytes(2))).toThrow(expect.objectContaining({ code: 'closed' }));
  await closing;
  const connection = await server.nextConnection();
  expect((await connection.closed).code).toBe(1000);
  expect(connection.received).toEqual([bytes(1)]);
  await server.close();
});

it('stops connecting silently when there is nothing to send', async () => {
  const server = await startScriptedServer();
  const client = connect(server.url);
  const errors: Error[] = [];
  client.on('error', (error) => errors.push(error));
  await client.close();
  await client.close();
  expect(errors).toEqual([]);
  await server.close();
});

it('gives up on a server that does not read, and reports lost messages', async () => {
  const clock = createFakeClock();
  const server = await startScriptedServer({ onOpen: (connection) => connection.pauseReading() });
  const client = connect(server.url, { clock });
  await once(client, 'open');
  const fill = async () => {
    for (;;) {
      client.send(new Uint8Array(512 * 1024));
      await new Promise(setImmediate);
    }
  };
  await expect(fill()).rejects.toMatchObject({ code: 'queue_full' });
  const failed = once(client, 'error');
  const closed = client.close();
  clock.advance(10_000);
  expect((await failed)[0]).toMatchObject({ code: 'timeout' });
  await closed;
  expect(clock.pendingTimers).toBe(0);
  await server.close();
});

it('gives up on a server that does not answer the close frame', async () => {
  const clock = createFakeClock();
  const server = await startScriptedServer({ onOpen: (connection) => connection.pauseReading() });
  const client = connect(server.url, { clock });
  await once(client, 'open');
  const closed = client.close();
  clock.advance(5_000);
  await closed;
  await server.close();
});
