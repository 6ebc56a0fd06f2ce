import { once } from 'node:events';
import { expect, it } from 'vitest';
import { createFakeClock, startScriptedServer } from '../src/testing/index.ts';
import { connect, echo, roundTrip, startServer } from './harness.ts';
import { rawUpgrade } from './raw-client.ts';

it('drops a connection that sent no pong for 20 s', async () => {
  const clock = createFakeClock();
  const { ws, port } = await startServer({ clock });
  await rawUpgrade(port, 'mute');
  clock.advance(19_999);
  expect(ws.connectionCount).toBe(1);
  const closed = once(ws, 'close');
  clock.advance(1);
  const [connection, info] = await closed;
  expect(connection.clientID).toBe('mute');
  expect(info).toEqual({ code: 1006, reason: 'no pong for 20000 ms' });
  expect(ws.connectionCount).toBe(0);
  expect(clock.pendingTimers).toBe(0);
});

it('pings a connection 10 s after it opened, and not earlier', async () => {
  const clock = createFakeClock();
  const { ws, port } = await startServer({ clock });
  const opened = once(ws, 'open');
  const socket = await rawUpgrade(port, 'silent');
  const [{ connID }] = await opened;
  clock.advance(9_999);
  ws.send(connID, Uint8Array.of(7));
  clock.advance(1);
  const received: number[] = [];
  while (received.length < 5) received.push(...(await once(socket, 'data'))[0]);
  const [message, ping] = [
    [0x82, 1, 7],
    [0x89, 0],
  ];
  expect(received).toEqual([...message, ...ping]);
});

it('keeps a connection whose client answers the pings', async () => {
  const clock = createFakeClock();
  const { ws, url } = await startServer({ clock });
  echo(ws);
  const client = connect(url);
  await once(client, 'open');
  for (let pings = 0; pings < 10; pings += 1) {
    clock.advance(10_000);
    await roundTrip(client);
  }
  expect(ws.connectionCount).toBe(1);
});

it('keeps a connection whose client could not answer because this process was stopped', async () => {
  const clock = createFakeClock();
  const { ws, url } = await startServer({ clock });
  echo(ws);
  const client = connect(url);
  await once(client, 'open');
  clock.advance(10_000);
  await roundTrip(client);
  clock.standStill(25_000);
  await roundTrip(client);
  expect(ws.connectionCount).toBe(1);
  // The pong to the ping that was overdue has come with the round trip.
  clock.advance(9_999);
  expect(ws.connectionCount).toBe(1);
});

it('drops a client that does not answer pings on time, even if it sends messages', async () => {
  const clock = createFakeClock();
  const { ws, port } = await startServer({ clock });
  const socket = await rawUpgrade(port, 'talker');
  const heard = once(ws, 'message');
  socket.write(Buffer.from([0x82, 0x81, 0, 0, 0, 0, 1]));
  await heard;
  const closed = once(ws, 'close');
  clock.advance(20_000);
  await closed;
});

it('lets the client notice a server that fell silent', async () => {
  const clock = createFakeClock();
  const server = await startScriptedServer();
  const client = connect(server.url, { clock });
  await once(client, 'open');
  clock.advance(20_000);
  const connection = await server.nextConnection();
  const arrived = once(client, 'message');
  connection.send(new Uint8Array([1]));
  await arrived;
  clock.advance(25_000);
  await connection.ping();
  const failed = once(client, 'error');
  const closed = new Promise((resolve) => client.once('close', resolve));
  clock.advance(30_000);
  expect((await failed)[0]).toMatchObject({ code: 'timeout', message: 'no data from the server for 25000 ms' });
  await closed;
  expect(clock.pendingTimers).toBe(0);
  await server.close();
});
